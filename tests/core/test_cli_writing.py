"""What verbs write: to a full disk, into a closed pipe, in the place of what was there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .command import run, saved

UNTIDY = "activation f( x ):return x"
FULL = Path("/dev/full")


def _started(*words: str, stdout: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-c", "from actdsl.cli import main; main()", *words]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("explain", "E0301"), ("zoo",), ("zoo", "--json"), ("--help",)])
def test_output_to_a_full_disk_is_one_line(words: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        process = _started(*words, stdout=full.fileno())
        _, said = process.communicate()
    assert process.returncode == 1
    assert said == "error: cannot read or write the output: No space left on device\n"


def test_a_reader_that_leaves_is_no_trouble() -> None:
    process = _started("zoo", "--json", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() == 1
    process.stderr.close()


def test_fmt_keeps_what_it_cannot_rewrite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, "f.act", UNTIDY)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    done = run("fmt", path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"error: cannot write {path}: No space left on device\n"
    assert Path(path).read_text() == UNTIDY


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "option", [("bench", "relu", "--seconds"), ("evolve", "--seed", "relu", "--minutes")]
)
def test_numbers_are_finite(option: tuple[str, ...], number: str) -> None:
    done = run(*option, number)
    assert done.exit_code == 2
    assert "Invalid value for" in done.stderr
