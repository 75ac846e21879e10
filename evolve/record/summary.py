"""What a folder's runs are, at a glance."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from actdsl.errors import ActdslError
from actdsl.evolve.record.run_directory import RunDirectory

_WITHIN = 3
"""How many folders deep runs are looked for."""


@dataclass(frozen=True)
class Summary:
    """One run.

    Attributes:
        path: its folder.
        proposer: who proposes.
        evaluated: how many candidates were paid for.
        wanted: how many were asked for.
        ended: why it is over, in words; empty if it is not.
        ratio: of the best that fresh seeds have confirmed; None before there is one.
        name: of that one.
        seconds: of all processes that worked on it.
    """

    path: Path
    proposer: str
    evaluated: int
    wanted: int
    ended: str
    ratio: float | None
    name: str
    seconds: float


def summaries(folder: Path) -> list[Summary]:
    """Of all runs in a folder and the folders within, by path; what cannot be read is left out."""
    found = []
    for depth in range(_WITHIN + 1):
        for path in folder.glob("*/" * depth + "run.sqlite"):
            try:
                found.append(_summary(path.parent))
            except ActdslError:
                continue
    return sorted(found, key=lambda summary: summary.path)


def _summary(path: Path) -> Summary:
    directory = RunDirectory.look_at(path)
    with closing(directory.store) as store:
        evaluated, best = store.standing()
        ratio, name = best or (None, "")
        return Summary(
            path,
            directory.settings.proposer,
            evaluated,
            directory.settings.candidates,
            store.fact("ended") or "",
            ratio,
            name,
            sum(store.sessions().values()),
        )
