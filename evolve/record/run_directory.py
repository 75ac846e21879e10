"""A run's folder: its database, and the files that people take away from it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from actdsl.errors import ActdslError
from actdsl.evolve.admission import check_seeds
from actdsl.evolve.archive import Archive
from actdsl.evolve.record.session import Session
from actdsl.evolve.record.store import Store
from actdsl.evolve.record.versions import lab_versions, versions
from actdsl.evolve.settings import Settings
from actdsl.writing import write_whole, writing

_DATABASE = "run.sqlite"


class RunDirectory:
    """``run.sqlite``, ``best.act``, ``best.json`` and ``curve.png`` in one folder.

    Make one with :meth:`begin` or :meth:`resume`; then the folder is held until the store is closed.
    """

    def __init__(
        self, path: Path, settings: Settings, store: Store, session: Session | None = None
    ) -> None:
        self.path, self.settings, self.store = path, settings, store
        self.session = session or Session()

    @classmethod
    def begin(
        cls, path: Path, settings: Settings, command: str, start: float | None = None
    ) -> RunDirectory:
        """A folder for a new run, made if need be.

        Args:
            path: the folder.
            settings: of the run.
            command: as it was typed.
            start: what :func:`time.monotonic` said when the command began, if that was not now.

        Raises:
            ActdslError: it holds a run already, or cannot be written to, or a seed is refused.
        """
        check_seeds(settings)
        if holds_run(path):
            raise ActdslError(
                f"{path} already holds a run: go on with it by --resume, or choose another --run"
            )
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
        session = Session(command, versions(settings), start)
        store = Store(path / _DATABASE)
        store.begin(settings, session.versions, command)
        return cls(path, settings, store, session)

    @classmethod
    def look_at(cls, path: Path) -> RunDirectory:
        """The folder of a run, perhaps one that is going on; nothing is written.

        Raises:
            ActdslError: it holds none.
        """
        if not (path / _DATABASE).exists():
            raise ActdslError(f"{path} holds no run")
        store = Store(path / _DATABASE, read_only=True)
        try:
            return cls(path, _settings(path, store), store)
        except ActdslError:
            store.close()
            raise

    @classmethod
    def resume(
        cls, path: Path, command: str = "", start: float | None = None, **changes: Any
    ) -> RunDirectory:
        """The folder of a run that was begun, finished or not, to go on with; all in it stays so far.

        Args:
            path: the folder.
            command: as it was typed.
            start: as in :meth:`begin`.
            changes: settings that are not as they were, of BUDGETS and ENDPOINT.

        Raises:
            ActdslError: it holds none, or one on another version of the lab's suite or trainer, or
                another process is at work on it.
        """
        if not holds_run(path):
            raise ActdslError(f"{path} holds no run to resume")
        store = Store(path / _DATABASE)
        try:
            settings = replace(_settings(path, store), **changes)
            check_lab(path, store, settings)
            return cls(path, settings, store, Session(command, versions(settings), start))
        except ActdslError:
            store.close()
            raise

    def begin_search(self) -> None:
        """Write that a search is under way, in this session and with these settings."""
        self.store.state("settings", self.settings.as_json())
        for fact in ("ended", "proof"):
            self.store.state(fact, None)
        self.store.session(self.session)

    def archive(self) -> Archive:
        """All that was settled so far, read from the database."""
        found = Archive()
        for candidate in self.store.settled():
            found.add(candidate)
        return found

    def write(self, name: str, content: bytes) -> None:
        """Write a file into the folder, whole or not at all.

        Raises:
            ActdslError: the disk is full or the folder cannot be written to.
        """
        write_whole(self.path / name, content)


def holds_run(path: Path) -> bool:
    """Whether a run was begun in the folder."""
    if not (path / _DATABASE).exists():
        return False
    try:
        with closing(Store(path / _DATABASE, read_only=True)) as store:
            return store.fact("settings") is not None
    except ActdslError:
        return False


def check_lab(path: Path, store: Store, settings: Settings) -> None:
    """Whether the run's losses compare with those of now.

    Raises:
        ActdslError: they are of another version of the lab.
    """
    then, now = map(_lab, (store.fact("versions"), lab_versions(settings)))
    if then != now:
        raise ActdslError(
            f"{path} was begun on {then}, and the lab now has {now}: "
            "their losses do not compare, so start a new run"
        )


def _lab(versions: dict[str, str]) -> str:
    return f"{versions['suite']} (trainer {versions.get('trainer', '1')})"


def _settings(path: Path, store: Store) -> Settings:
    found = store.fact("settings")
    if found is None:
        raise ActdslError(f"{path} holds no run")
    try:
        return Settings.from_json(found)
    except ActdslError as error:
        raise ActdslError(f"{path} has {error}") from error
