"""Losses on disk, so that no network is trained twice on one machine.

One SQLite file for all runs and processes. A row holds a candidate's losses for one seed, by task,
with a checksum; a row that does not match it is as good as absent, and so is a file that is none.
Losses depend on the suite's version, sizes and recipe, on the trainer's version and, through
rounding, on the processor and the libraries, so all of these are part of the key.

The canonical hash names a function; two spellings of it round differently, and training magnifies
that. Whoever must repeat a run bit for bit asks for the losses of the very same text.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from importlib.metadata import version
from pathlib import Path

from llvmlite import binding

from actdsl.cache_directory import cache_directory
from actdsl.identity import canonical_hash
from actdsl.program import Program

from .evaluate import Evaluation
from .suites import Suite
from .trainer import TRAINER_VERSION

Cell = tuple[float, float, bool]
"""A run's validation loss, out-of-distribution loss, and whether it diverged."""

Cells = dict[tuple[str, int], Cell]
"""Runs by the task's name and the seed."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS losses (
    hash TEXT, conditions TEXT, seed INTEGER, spelling TEXT, cells TEXT NOT NULL,
    checksum TEXT NOT NULL, PRIMARY KEY (hash, conditions, seed, spelling)
) WITHOUT ROWID
"""
_PATIENCE = 60.0


class LossCache:
    """Losses by function, conditions, seed and task, in a file; without one it keeps nothing.

    A file that cannot be read or written is no error: the cache only saves time. The losses are
    those of networks that train on one device, ``cpu`` or ``cuda``.
    """

    def __init__(self, path: Path | None, device: str = "cpu") -> None:
        self.path, self._device = path, device

    @classmethod
    def default(cls, device: str = "cpu") -> LossCache:
        """The one in the folder of ``ACTDSL_CACHE_DIR``, or in the user's cache folder."""
        directory = cache_directory()
        return cls(None if directory is None else directory / "lab.sqlite", device)

    def get(self, program: Program, suite: Suite, seeds: Sequence[int], exact: bool) -> Cells:
        """What is known of the function's runs; if ``exact``, of this spelling of it alone."""
        row, spelling, found = self._row(program, suite), _digest(program.text), Cells()

        def look(connection: sqlite3.Connection) -> None:
            for seed in seeds:
                for cells in _known(connection, (*row, seed), spelling, exact):
                    found.update({(task, seed): cell for task, cell in cells.items()})

        self._use(look)
        return found

    def put(self, program: Program, evaluation: Evaluation) -> None:
        """Keep an evaluation's runs, beside those of other tasks."""
        row, spelling = self._row(program, evaluation.suite), _digest(program.text)
        runs = cells_of(evaluation)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for seed in evaluation.seeds:
                cells = {task: cell for (task, of), cell in runs.items() if of == seed}
                for known in _known(connection, (*row, seed), spelling, exact=True):
                    cells = known | cells
                content = (*row, seed, spelling, json.dumps(cells))
                marks = "?, ?, ?, ?, ?, ?"
                connection.execute(
                    f"INSERT OR REPLACE INTO losses VALUES ({marks})", (*content, _digest(*content))
                )
            connection.execute("COMMIT")

        self._use(write)

    def _row(self, program: Program, suite: Suite) -> tuple[str, str]:
        """What a row is of, save for seed and spelling."""
        trainer = f"trainer {TRAINER_VERSION} {_machine(self._device)}"
        conditions = f"{suite} {suite.sizes} {suite.recipe} {trainer}"
        return canonical_hash(program), _digest(conditions)

    def _use(self, work: Callable[[sqlite3.Connection], None]) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            with closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(_SCHEMA)
                work(connection)
        except (OSError, sqlite3.OperationalError):
            return  # a full disk, a folder of somebody else's, a lock that does not come free
        except sqlite3.DatabaseError:
            # No database any more: the next use begins a new one.
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)


def _known(
    connection: sqlite3.Connection, row: tuple[str, str, int], spelling: str, exact: bool
) -> list[dict[str, Cell]]:
    """The whole rows, those of this very spelling last."""
    found = connection.execute(
        "SELECT spelling, cells, checksum FROM losses "
        "WHERE hash = ? AND conditions = ? AND seed = ? ORDER BY spelling = ?, spelling DESC",
        (*row, spelling),
    )
    return [
        {task: (valid, ood, bool(diverged)) for task, (valid, ood, diverged) in cells.items()}
        for by, text, checksum in found
        if (by == spelling or not exact) and checksum == _digest(*row, by, text)
        for cells in (json.loads(text),)
    ]


def cells_of(evaluation: Evaluation) -> Cells:
    """An evaluation's runs, one by one."""
    losses = (evaluation.validation, evaluation.ood, evaluation.diverged)
    valid, ood, diverged = (array.tolist() for array in losses)
    return {
        (task.name, seed): (valid[i][j], ood[i][j], diverged[i][j])
        for i, task in enumerate(evaluation.suite.tasks)
        for j, seed in enumerate(evaluation.seeds)
    }


@cache
def _machine(device: str) -> str:
    """What rounds: the processor and the libraries that a device's losses come from."""
    if device == "cpu":
        processor, packages = binding.get_host_cpu_name(), ("llvmlite", "numba", "numpy")
    else:
        import torch

        processor, packages = torch.cuda.get_device_name(), ("numba-cuda", "numpy", "torch")
    return " ".join([processor, *(f"{name} {version(name)}" for name in packages)])


def _digest(*parts: object) -> str:
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()
