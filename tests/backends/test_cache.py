"""Compiled kernels on disk: found again, never trusted blindly, shared between processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from actdsl.backends import cache as kernels
from actdsl.backends.cache import ObjectCache
from actdsl.cache_directory import cache_directory

SCRIPT = """
import numpy as np, actdsl
import actdsl.backends.native.build as build
compiled = []
compile_text = build.machine_code
build.machine_code = lambda text: compiled.append(1) or compile_text(text)
print(float(actdsl.zoo["gelu"](np.array([1.0]))[0]), len(compiled))
"""


def run(folder: Path | str) -> subprocess.Popen[str]:
    environment = os.environ | {"ACTDSL_CACHE_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, text=True
    )


def answer(process: subprocess.Popen[str]) -> tuple[float, int]:
    value, compiled = process.communicate(timeout=120)[0].split()
    assert process.returncode == 0
    return float(value), int(compiled)


def test_what_was_put_is_found(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "new" / "folder")
    assert cache.get("a") is None
    cache.put("a", b"code")
    assert cache.get("a") == b"code"
    assert cache.get("b") is None
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-1], lambda c: b"", lambda c: c[:50] + b"!" + c[51:]]
)
def test_damaged_entries_are_absent(tmp_path: Path, damage: object) -> None:
    cache = ObjectCache(tmp_path)
    cache.put("a", b"some code that is long enough to be cut")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert cache.get("a") is None
    cache.put("a", b"again")
    assert cache.get("a") == b"again"


def test_an_entry_under_another_key_is_absent(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    cache.put("a", b"code")
    (file,) = tmp_path.iterdir()
    cache.put("b", b"other")
    (other,) = set(tmp_path.iterdir()) - {file}
    file.replace(other)
    assert cache.get("b") is None


def test_the_oldest_go_first(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, limit=3 * 140)
    for age, key in enumerate("abcde"):
        cache.put(key, bytes(100))
        newest = max(tmp_path.iterdir(), key=lambda p: p.stat().st_mtime_ns)
        os.utime(newest, (age, age))
    cache.prune()
    assert [key for key in "abcde" if cache.get(key)] == ["d", "e"] or [
        key for key in "abcde" if cache.get(key)
    ] == ["c", "d", "e"]


def test_one_process_counts_what_it_puts(tmp_path: Path) -> None:
    assert kernels._in_folder(tmp_path) is kernels._in_folder(tmp_path)
    cache = ObjectCache(tmp_path, limit=3 * 140)
    for key in range(64):
        cache.put(str(key), bytes(100))
    assert 0 < len(list(tmp_path.iterdir())) <= 3


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = ObjectCache(blocked / "below")
    cache.put("a", b"code")
    assert cache.get("a") is None


def test_the_folder_is_chosen_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTDSL_CACHE_DIR", str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.setenv("ACTDSL_CACHE_DIR", "")
    assert cache_directory() is None
    monkeypatch.delenv("ACTDSL_CACHE_DIR")
    assert cache_directory() is not None


def test_the_next_process_compiles_nothing_and_a_bad_file_is_replaced(tmp_path: Path) -> None:
    value, compiled = answer(run(tmp_path))
    assert compiled == 1
    assert answer(run(tmp_path)) == (value, 0)
    whole = {file: file.read_bytes() for file in tmp_path.glob("kernels/*.kernel")}
    for file, content in whole.items():
        file.write_bytes(content[: len(content) // 2])
    assert answer(run(tmp_path)) == (value, 1)
    assert {file: file.read_bytes() for file in tmp_path.glob("kernels/*")} == whole


def test_processes_may_share_the_folder(tmp_path: Path) -> None:
    answers = [answer(process) for process in [run(tmp_path) for _ in range(4)]]
    assert len({value for value, _ in answers}) == 1
    alone = tmp_path / "alone"
    answer(run(alone))
    names = [sorted(f.name for f in folder.glob("kernels/*")) for folder in (tmp_path, alone)]
    assert names[0] == names[1]
