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

ACTDSL = [sys.executable, "-c", "from actdsl.cli.group import main; main()"]
BEGIN = ["evolve", "--seed", "relu", "--suite", "smoke", "--candidates", "20", "--quiet"]


def start(*words: str) -> subprocess.Popen[bytes]:
    """A process group of its own, as a terminal would make."""
    command = [*ACTDSL, *words]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=silent, stderr=subprocess.PIPE, start_new_session=True)


def finish(*words: str) -> None:
    process = start(*words)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


def rows(run: Path) -> list[tuple[object, ...]]:
    """All that a run settled, save for times."""
    query = (
        "SELECT number, operator, parents, status, reason, text, ratio, losses FROM candidates "
        "LEFT JOIN evaluations USING (hash) ORDER BY number"
    )
    with closing(sqlite3.connect(run / "run.sqlite")) as connection:
        return connection.execute(query).fetchall()


def finished(run: Path) -> dict[str, float]:
    """Evaluations by hash, with the seconds that each took: no two runs agree on those."""
    if not (run / "run.sqlite").exists():
        return {}
    with closing(sqlite3.connect(run / "run.sqlite")) as connection:
        try:
            return dict(connection.execute("SELECT hash, seconds FROM evaluations"))
        except sqlite3.OperationalError:  # the table is not there yet
            return {}


def children_of(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in tasks.split()}


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for child processes in /proc")
def test_killed_three_times_it_ends_as_if_it_had_not_been(tmp_path):
    left_alone, killed = tmp_path / "left alone", tmp_path / "killed"
    finish(*BEGIN, "--run", str(left_alone), "--workers", "1")

    kept: dict[str, float] = {}
    rng = np.random.default_rng()
    words = [*BEGIN, "--run", str(killed), "--workers", "2"]
    for _ in range(3):
        process = start(*words)
        target = len(kept) + rng.integers(1, 6)
        while len(finished(killed)) < target and process.poll() is None:
            time.sleep(rng.uniform(0.0, 0.05))
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
        words = ["evolve", "--resume", "--run", str(killed), "--quiet", "--workers", "2"]

    finish(*words)
    assert kept.items() <= finished(killed).items()
    assert len(finished(killed)) == 21
    assert rows(killed) == rows(left_alone)
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
