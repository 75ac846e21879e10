"""A run killed at any moment, with real workers, against one that was left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from actdsl.evolve import RunDirectory
from actdsl.evolve.replay import compare

BOOT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test in the background ignores it
from actdsl.cli.group import main
main()
"""
ACTDSL = [sys.executable, "-c", BOOT]
BEGIN = ["evolve", "--seed", "relu", "--suite", "smoke", "--candidates", "40", "--quiet"]
BEGIN += ["--proposer", "grammar", "--no-proof"]


def start(*words: str) -> subprocess.Popen[bytes]:
    """A process group of its own, as a terminal would make."""
    command = [*ACTDSL, *words]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=silent, stderr=subprocess.PIPE, start_new_session=True)


def finish(*words: str) -> None:
    process = start(*words)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


def finished(run: Path) -> dict[tuple[str, str], float]:
    """Evaluations by function and seeds, with the seconds that each took: no two runs agree on those."""
    if not (run / "run.sqlite").exists():
        return {}
    with closing(sqlite3.connect(run / "run.sqlite")) as connection:
        try:
            found = connection.execute(
                "SELECT hash, seeds || race, seconds FROM evaluations"
            ).fetchall()
        except sqlite3.OperationalError:  # the table is not there yet
            return {}
    return {(hash, seeds): seconds for hash, seeds, seconds in found}


def children_of(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in tasks.split()}


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="looks for child processes in /proc")
def test_killed_twenty_times_it_ends_as_if_it_had_not_been(tmp_path):
    left_alone, killed = tmp_path / "left alone", tmp_path / "killed"
    finish(*BEGIN, "--run", str(left_alone), "--workers", "1")

    kept: dict[tuple[str, str], float] = {}
    rng = np.random.default_rng(20)
    words = [*BEGIN, "--run", str(killed), "--workers", "2"]
    for _ in range(20):
        process = start(*words)
        target = len(kept) + rng.integers(1, 3)
        while len(finished(killed)) < target and process.poll() is None:
            time.sleep(rng.uniform(0.0, 0.05))
        if process.poll() is not None:
            process.communicate()
            break
        workers = children_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        still = finished(killed)
        assert kept.items() <= still.items()
        kept = still
        for _ in range(100):
            if not any(alive(worker) for worker in workers):
                break
            time.sleep(0.1)
        else:
            pytest.fail("workers outlive their parent")
        words = [*BEGIN, "--resume-if-there", "--run", str(killed), "--workers", "2"]

    finish(*words)
    assert kept.items() <= finished(killed).items()
    with (
        closing(RunDirectory.look_at(left_alone).store) as one,
        closing(RunDirectory.look_at(killed).store) as other,
    ):
        found = compare(one, other)
    assert found.differences == []
    assert len(finished(killed)) == found.evaluations == len(finished(left_alone))
    assert (killed / "best.act").read_bytes() == (left_alone / "best.act").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("evaluations", [0, 1, 5])
def test_ctrl_c_in_a_terminal_stops_everything_in_one_line(tmp_path, evaluations):
    process = start(*BEGIN, "--run", str(tmp_path), "--workers", "2")
    while not (tmp_path / "run.sqlite").exists() or len(finished(tmp_path)) < evaluations:
        time.sleep(0.05)
    time.sleep(0.3)  # into the start of the processes
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors.decode() == (
        f"stopped; nothing finished is lost. To go on: actdsl evolve --resume --run {tmp_path}\n"
    )
    assert process.returncode == 130
