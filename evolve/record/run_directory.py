"""A run's folder: its database, and the files that people take away from it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from actdsl.errors import ActdslError
from actdsl.evolve.admission import check_seeds
from actdsl.evolve.archive import Archive
from actdsl.evolve.record.store import Store
from actdsl.evolve.settings import Settings, versions
from actdsl.writing import write_whole, writing

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
            ActdslError: it holds a run already, or cannot be written to, or a seed is refused.
        """
        check_seeds(settings)
        if holds_run(path):
            raise ActdslError(
                f"{path} already holds a run: go on with it by --resume, or choose another --run"
            )
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
        store = Store(path / _DATABASE)
        store.begin(settings, versions(settings.suite), command)
        return cls(path, settings, store)

    @classmethod
    def look_at(cls, path: Path) -> RunDirectory:
        """The folder of a run, perhaps one that is going on; nothing is written.

        Raises:
            ActdslError: it holds none.
        """
        if not (path / _DATABASE).exists():
            raise ActdslError(f"{path} holds no run")
        store = Store(path / _DATABASE, read_only=True)
        settings = store.fact("settings")
        if settings is None:
            store.close()
            raise ActdslError(f"{path} holds no run")
        return cls(path, Settings.from_json(settings), store)

    @classmethod
    def resume(cls, path: Path, **limits: float) -> RunDirectory:
        """The folder of a run that was begun, finished or not, to go on with, under other limits.

        Raises:
            ActdslError: it holds none, or one on another version of the lab's suite or trainer.
        """
        if not holds_run(path):
            raise ActdslError(f"{path} holds no run to resume")
        store = Store(path / _DATABASE)
        before = Settings.from_json(store.fact("settings"))
        settings = replace(before, **limits)  # type: ignore[arg-type]  # their names are BUDGETS
        try:
            check_lab(path, store, settings)
        except ActdslError:
            store.close()
            raise
        store.forget_candidates()
        store.state("settings", settings.as_json())
        return cls(path, settings, store)

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
    then, now = map(_lab, (store.fact("versions"), versions(settings.suite)))
    if then != now:
        raise ActdslError(
            f"{path} was begun on {then}, and the lab now has {now}: "
            "their losses do not compare, so start a new run"
        )


def _lab(versions: dict[str, str]) -> str:
    return f"{versions['suite']} (trainer {versions.get('trainer', '1')})"
