"""The run's database: settings, every candidate, every evaluation, each safe once written.

SQLite with a write-ahead log and a transaction a row: a process killed at any moment loses at most
what it was about to write. Readers may look on while the run goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actdsl.errors import ActdslError
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.evaluator import Outcome
from actdsl.evolve.settings import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS evaluations (
    hash TEXT PRIMARY KEY, losses TEXT, error TEXT NOT NULL, seconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS candidates (
    number INTEGER PRIMARY KEY, generation INTEGER NOT NULL, operator TEXT NOT NULL,
    parents TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    name TEXT, hash TEXT, fingerprint TEXT, flops INTEGER, ratio REAL, score TEXT,
    text TEXT NOT NULL
);
"""


class Store:
    """One run's database.

    Raises:
        ActdslError: from any method, when the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._one_line():
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def begin(self, settings: Settings, versions: dict[str, str], command: str) -> None:
        """Write what the run is."""
        facts = {"settings": settings.as_json(), "versions": versions, "command": command}
        rows = [(key, json.dumps(value)) for key, value in facts.items()]
        with self._one_line(), self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO run VALUES (?, ?)", rows)

    def fact(self, key: str) -> Any:
        """What :meth:`begin` wrote, by name: ``settings``, ``versions`` or ``command``."""
        row = self._row("SELECT value FROM run WHERE key = ?", key)
        return None if row is None else json.loads(row[0])

    def outcome(self, hash: str) -> Outcome | None:
        """The evaluation of the function with that canonical hash, if it is finished."""
        row = self._row("SELECT losses, error, seconds FROM evaluations WHERE hash = ?", hash)
        if row is None:
            return None
        losses, error, seconds = row
        return Outcome(None if losses is None else json.loads(losses), error, seconds)

    def keep(self, hash: str, outcome: Outcome) -> None:
        """Write a finished evaluation."""
        losses = None if outcome.losses is None else json.dumps(outcome.losses)
        row = (hash, losses, outcome.error, outcome.seconds)
        with self._one_line():
            self._connection.execute("INSERT OR IGNORE INTO evaluations VALUES (?, ?, ?, ?)", row)

    def record(self, candidate: Candidate) -> None:
        """Write a settled candidate; one that is there already must have had the same text.

        Raises:
            ActdslError: it had another: the run was begun by a program that proposes otherwise.
        """
        row = _row_of(candidate)
        marks = ", ".join("?" * len(row))
        with self._one_line():
            self._connection.execute(f"INSERT OR IGNORE INTO candidates VALUES ({marks})", row)
        found = self._row("SELECT text FROM candidates WHERE number = ?", candidate.number)
        if found is None or found[0] != candidate.text:
            raise ActdslError(
                f"{self._path} was begun by a version that proposes otherwise: start a new run"
            )

    def _row(self, query: str, key: str | int) -> tuple[Any, ...] | None:
        with self._one_line():
            row: tuple[Any, ...] | None = self._connection.execute(query, (key,)).fetchone()
        return row

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ActdslError(f"{self._path}: {error}") from error


def _row_of(candidate: Candidate) -> tuple[Any, ...]:
    identity, score = candidate.identity, candidate.score
    known = (
        (identity.name, identity.hash, identity.fingerprint, identity.flops) if identity else None
    )
    return (
        candidate.number,
        candidate.generation,
        candidate.operator,
        json.dumps(candidate.parents),
        candidate.status.value,
        candidate.reason,
        *(known or (None,) * 4),
        score.ratio if score else None,
        json.dumps(asdict(score)) if score else None,
        candidate.text,
    )
