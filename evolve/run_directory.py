"""A run's folder: its database, and the files that people take away from it."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from actdsl.errors import ActdslError
from actdsl.evolve.settings import Settings, versions
from actdsl.evolve.store import Store

_DATABASE = "run.sqlite"


class RunDirectory:
    """``run.sqlite``, ``best.act``, ``best.json`` and ``curve.png`` in one folder.

    Make one with :meth:`begin` or :meth:`resume`.
    """

    def __init__(self, path: Path, settings: Settings, store: Store) -> None:
        self.path, self.settings, self.store = path, settings, store

    @classmethod
    def begin(cls, path: Path, settings: Settings, command: str) -> RunDirectory:
        """A folder for a new run, made if need be.

        Raises:
            ActdslError: it holds a run already, or cannot be written to.
        """
        if holds_run(path):
            raise ActdslError(
                f"{path} already holds a run: go on with it by --resume, or choose another --run"
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ActdslError(f"cannot make {path}: {error.strerror}") from error
        store = Store(path / _DATABASE)
        store.begin(settings, versions(settings.suite), command)
        return cls(path, settings, store)

    @classmethod
    def resume(cls, path: Path) -> RunDirectory:
        """The folder of a run that was begun, finished or not.

        Raises:
            ActdslError: it holds none, or one on another version of the lab's suite.
        """
        if not holds_run(path):
            raise ActdslError(f"{path} holds no run to resume")
        store = Store(path / _DATABASE)
        settings = Settings.from_json(store.fact("settings"))
        then, now = (v["suite"] for v in (store.fact("versions"), versions(settings.suite)))
        if then != now:
            store.close()
            raise ActdslError(
                f"{path} was begun on {then}, and the lab now has {now}: "
                "their losses do not compare, so start a new run"
            )
        return cls(path, settings, store)

    def write(self, name: str, content: bytes) -> None:
        """Write a file so that whoever reads it sees the old content or the new, whole.

        Raises:
            ActdslError: the disk is full or the folder cannot be written to.
        """
        temporary = self.path / f".{name}.part"
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path / name)
        except OSError as error:
            raise ActdslError(f"cannot write {self.path / name}: {error.strerror}") from error


def holds_run(path: Path) -> bool:
    """Whether a run was begun in the folder.

    Raises:
        ActdslError: its database cannot be read.
    """
    if not (path / _DATABASE).exists():
        return False
    with closing(Store(path / _DATABASE)) as store:
        return store.fact("settings") is not None
