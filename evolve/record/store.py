"""The run's database: settings, every proposal, candidate and evaluation, each safe once written.

SQLite with a write-ahead log and a transaction a row: a process killed at any moment loses at most
what it was about to write. Readers may look on while the run goes on. Evaluations may be kept from
any thread.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import Any

from actdsl.errors import ActdslError
from actdsl.evolve.behaviour import Niche
from actdsl.evolve.candidate import Candidate, Identity, Status
from actdsl.evolve.evaluation.evaluator import Outcome
from actdsl.evolve.lab import Score
from actdsl.evolve.proposers import Proposal
from actdsl.evolve.record.lock import Lock
from actdsl.evolve.record.session import Session
from actdsl.evolve.settings import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (begun REAL PRIMARY KEY, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS proposals (
    number INTEGER PRIMARY KEY, proposer TEXT NOT NULL, tokens INTEGER NOT NULL, usd REAL NOT NULL,
    seconds REAL NOT NULL, proposal TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS evaluations (
    hash TEXT, seeds TEXT, race TEXT, losses TEXT, error TEXT NOT NULL, seconds REAL NOT NULL,
    lost INTEGER NOT NULL, PRIMARY KEY (hash, seeds, race)
);
CREATE TABLE IF NOT EXISTS tunings (hash TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS candidates (
    number INTEGER PRIMARY KEY, island INTEGER NOT NULL, operator TEXT NOT NULL,
    parents TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    name TEXT, hash TEXT, fingerprint TEXT, niche TEXT, flops INTEGER, ratio REAL, score TEXT,
    retest TEXT, text TEXT NOT NULL
);
"""

_ADDED = (
    "ALTER TABLE sessions ADD COLUMN command TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sessions ADD COLUMN versions TEXT NOT NULL DEFAULT '{}'",
)
"""Columns that tables of earlier versions lack; where they are there, these fail."""


class Store:
    """One run's database.

    Who may write to it holds its folder, so that no two processes work on one run.

    Args:
        path: the file.
        read_only: whether it is only looked at; then it must be there, and its folder may be one
            that cannot be written to.

    Raises:
        ActdslError: from any method, when the file cannot be read or written; or another process
            writes to it.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self._path, self._lock = path, RLock()
        self._held: Lock | None = None
        with self._one_line():
            if read_only:
                self._connection = _looking_on(path)
                return
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                self._held = Lock(path.absolute().parent)
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.executescript(_SCHEMA)
            except (ActdslError, sqlite3.Error):
                self.close()
                raise
            for statement in _ADDED:
                with suppress(sqlite3.OperationalError):
                    self._connection.execute(statement)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
            if self._held is not None:
                self._held.release()

    def begin(self, settings: Settings, versions: dict[str, str], command: str) -> None:
        """Write what the run is."""
        facts = {"settings": settings.as_json(), "versions": versions, "command": command}
        rows = [(key, json.dumps(value)) for key, value in facts.items()]
        with self._one_line(), self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO run VALUES (?, ?)", rows)

    def fact(self, key: str) -> Any:
        """What :meth:`begin` or :meth:`state` wrote, by name; None if neither did."""
        row = self._row("SELECT value FROM run WHERE key = ?", key)
        return None if row is None else json.loads(row[0])

    def state(self, key: str, value: Any) -> None:
        """Write a fact of the run, in place of what it was."""
        self._write("INSERT OR REPLACE INTO run VALUES (?, ?)", key, json.dumps(value))

    def session(self, session: Session) -> None:
        """Write what is known of a process that works on the run, and how long it has been at it."""
        self._write(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)",
            session.begun, session.seconds, session.command, json.dumps(session.versions),
        )  # fmt: skip

    def sessions(self) -> dict[float, float]:
        """Seconds of all processes that worked on the run, by when they began."""
        return dict(self._rows("SELECT begun, seconds FROM sessions ORDER BY begun"))

    def commands(self) -> list[tuple[str, dict[str, str]]]:
        """Command and versions of each of these processes, the first first, where they were kept."""
        rows = self._rows("SELECT * FROM sessions ORDER BY begun")
        return [(row[2], json.loads(row[3])) for row in rows if len(row) > 2 and row[2]]

    def log(self, number: int, proposal: Proposal) -> None:
        """Write a proposal, with all that was asked and answered, before anything is made of it."""
        cost = proposal.cost
        self._write(
            "INSERT OR IGNORE INTO proposals VALUES (?, ?, ?, ?, ?, ?)",
            number, proposal.proposer, cost.tokens, cost.usd, cost.seconds,
            json.dumps(proposal.as_json()),
        )  # fmt: skip

    def proposal(self, number: int) -> Proposal | None:
        """The proposal of that number, if it was made."""
        row = self._row("SELECT proposal FROM proposals WHERE number = ?", number)
        return None if row is None else Proposal.from_json(json.loads(row[0]))

    def proposals(self) -> dict[int, Proposal]:
        """All that were made, by number."""
        rows = self._rows("SELECT number, proposal FROM proposals ORDER BY number")
        return {number: Proposal.from_json(json.loads(found)) for number, found in rows}

    def after_all(self) -> int:
        """The first number after those of all proposals."""
        ((last,),) = self._rows("SELECT max(number) FROM proposals")
        return 0 if last is None else int(last) + 1

    def outcome(self, hash: str, seeds: tuple[int, ...], race: str = "") -> Outcome | None:
        """A finished evaluation: of which function, on which lab seeds, in which race if in one."""
        row = self._row(
            "SELECT losses, error, seconds, lost FROM evaluations "
            "WHERE hash = ? AND seeds = ? AND race = ?",
            hash, json.dumps(seeds), race,
        )  # fmt: skip
        if row is None:
            return None
        losses, error, seconds, lost = row
        return Outcome(None if losses is None else json.loads(losses), error, seconds, bool(lost))

    def keep(self, hash: str, seeds: tuple[int, ...], outcome: Outcome, race: str = "") -> None:
        """Write a finished evaluation, be it in full or of a candidate that was dropped."""
        losses = None if outcome.losses is None else json.dumps(outcome.losses)
        self._write(
            "INSERT OR IGNORE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)",
            hash, json.dumps(seeds), race, losses, outcome.error, outcome.seconds, outcome.lost,
        )  # fmt: skip

    def evaluations(self) -> list[tuple[Any, ...]]:
        """Hash, seeds, race, losses and error of all: what may not depend on time."""
        return self._rows(
            "SELECT hash, seeds, race, losses, error FROM evaluations ORDER BY hash, seeds, race"
        )

    def lost(self) -> list[tuple[str, tuple[int, ...], str, Outcome]]:
        """The evaluations that were lost with their process: hash, seeds, race and outcome."""
        rows = self._rows("SELECT hash, seeds, race, error, seconds FROM evaluations WHERE lost")
        return [
            (hash, tuple(json.loads(seeds)), race, Outcome(None, error, seconds, lost=True))
            for hash, seeds, race, error, seconds in rows
        ]

    def tuned(self, hash: str) -> str | None:
        """The text that tuning the constants of that function gave, if it was done; empty if lost."""
        row = self._row("SELECT text FROM tunings WHERE hash = ?", hash)
        return None if row is None else str(row[0])

    def lost_tunings(self) -> list[str]:
        """The functions, by hash, whose tuning was lost with its process."""
        return [hash for (hash,) in self._rows("SELECT hash FROM tunings WHERE text = ''")]

    def keep_tuned(self, hash: str, text: str) -> None:
        """Write what tuning gave."""
        self._write("INSERT OR IGNORE INTO tunings VALUES (?, ?)", hash, text)

    def record(self, candidate: Candidate) -> None:
        """Write a settled candidate."""
        row = _row_of(candidate)
        self._write(f"INSERT OR REPLACE INTO candidates VALUES ({', '.join('?' * len(row))})", *row)

    def forget_candidates(self, but: Iterable[int]) -> None:
        """Forget all candidates but those: a run that went on may have ordered them otherwise."""
        kept = "SELECT value FROM json_each(?)"
        self._write(f"DELETE FROM candidates WHERE number NOT IN ({kept})", json.dumps(list(but)))

    def retested(self, candidate: Candidate) -> None:
        """Write the score on fresh seeds of a candidate that was recorded."""
        assert candidate.retest is not None
        self._write(
            "UPDATE candidates SET ratio = ?, retest = ? WHERE number = ?",
            candidate.ratio, json.dumps(asdict(candidate.retest)), candidate.number,
        )  # fmt: skip

    def settled(self) -> list[Candidate]:
        """Every candidate that was settled, by number."""
        found = self._rows(f"SELECT {', '.join(_COLUMNS)} FROM candidates ORDER BY number")
        return [_candidate_of(dict(zip(_COLUMNS, row, strict=True))) for row in found]

    def seconds(self) -> float:
        """Of all evaluations, wherever they were made."""
        ((total,),) = self._rows("SELECT total(seconds) FROM evaluations")
        return float(total)

    def standing(self) -> tuple[int, tuple[float, str] | None]:
        """How many candidates were paid for, and ratio and name of the confirmed best."""
        paid = "operator != 'reference' AND ratio IS NOT NULL"
        ((count,),) = self._rows(f"SELECT count(*) FROM candidates WHERE {paid}")
        query = f"SELECT ratio, name FROM candidates WHERE {paid} AND retest IS NOT NULL "
        best = self._row(query + "ORDER BY ratio, number LIMIT 1")
        return count, None if best is None else (float(best[0]), str(best[1]))

    def candidates(self) -> list[tuple[Any, ...]]:
        """Every candidate's row, by number."""
        return self._rows("SELECT * FROM candidates ORDER BY number")

    def _write(self, statement: str, *values: Any) -> None:
        with self._one_line():
            self._connection.execute(statement, values)

    def _row(self, query: str, *keys: Any) -> tuple[Any, ...] | None:
        rows = self._rows(query, *keys)
        return rows[0] if rows else None

    def _rows(self, query: str, *keys: Any) -> list[tuple[Any, ...]]:
        with self._one_line():
            return self._connection.execute(query, keys).fetchall()

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise ActdslError(f"{self._path}: {error}") from error


def _looking_on(path: Path) -> sqlite3.Connection:
    """Where the folder is read-only, SQLite cannot share the file, and need not."""
    for options in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)
        try:
            connection.execute("SELECT count(*) FROM run")
        except sqlite3.OperationalError:
            connection.close()
            continue
        return connection
    raise sqlite3.OperationalError("it holds no run that can be read")


_COLUMNS = (
    "number", "island", "operator", "parents", "status", "reason", "name", "hash", "fingerprint",
    "niche", "flops", "score", "retest", "text",
)  # fmt: skip


def _candidate_of(row: dict[str, Any]) -> Candidate:
    identity = None
    if row["hash"] is not None:
        niche = Niche.from_json(json.loads(row["niche"]))
        identity = Identity(row["name"], row["hash"], row["fingerprint"], row["flops"], niche)
    return Candidate(
        number=row["number"],
        island=row["island"],
        text=row["text"],
        operator=row["operator"],
        parents=tuple(json.loads(row["parents"])),
        identity=identity,
        status=Status(row["status"]),
        reason=row["reason"],
        score=_score_of(row["score"]),
        retest=_score_of(row["retest"]),
    )


def _score_of(text: str | None) -> Score | None:
    if text is None:
        return None
    data = json.loads(text)
    return Score(**{**data, "interval": tuple(data["interval"])})


def _row_of(candidate: Candidate) -> tuple[Any, ...]:
    identity, score = candidate.identity, candidate.score
    known: tuple[Any, ...] = (None,) * 5
    if identity is not None:
        niche = json.dumps(identity.niche.as_json())
        known = identity.name, identity.hash, identity.fingerprint, niche, identity.flops
    return (
        candidate.number,
        candidate.island,
        candidate.operator,
        json.dumps(candidate.parents),
        candidate.status.value,
        candidate.reason,
        *known,
        score.ratio if score else None,
        json.dumps(asdict(score)) if score else None,
        None,
        candidate.text,
    )
