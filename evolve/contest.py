"""Ways to search against each other: equal budgets, several random seeds, judged on the sealed suite."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from actdsl.errors import ActdslError
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.evaluation.evaluator import Evaluator
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.record.run_directory import RunDirectory, check_lab, holds_run
from actdsl.evolve.run import Watch, run
from actdsl.evolve.settings import BUDGETS, ENDPOINT, Settings

Follow = Callable[[str, int], AbstractContextManager[Watch]]
"""What watches a run, by the name of who runs and the random seed."""


@dataclass(frozen=True)
class Contestant:
    """A way to search.

    Attributes:
        name: what tables call it.
        changes: its settings, where they differ from the others'.
    """

    name: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """One run's end.

    Attributes:
        contestant: the name of who ran.
        rng_seed: of the run.
        champion: the name of what it found; empty if nothing was confirmed.
        sealed: the champion's ratio on the sealed suite, which it never saw; None without one.
        interval: of 95 % of that ratio, over the suite's tasks and seeds.
        confirmed: its ratio on fresh seeds of the search's own suite.
        evaluated: candidates.
        seconds: wall time.
        tokens: read and written by models.
        usd: paid for them.
    """

    contestant: str
    rng_seed: int
    champion: str
    sealed: float | None
    interval: tuple[float, float] | None
    confirmed: float | None
    evaluated: int
    seconds: float
    tokens: int
    usd: float


@dataclass(frozen=True)
class Mean:
    """A geometric mean over runs, with its 95 % interval by Student's t of the logarithms."""

    value: float
    interval: tuple[float, float]


def contest(
    contestants: Sequence[Contestant],
    settings: Settings,
    rng_seeds: Sequence[int],
    folder: Path,
    evaluator: Evaluator,
    watch: Callable[[Result], None] = lambda _result: None,
    follow: Follow = lambda _contestant, _rng_seed: nullcontext(_unwatched),
) -> list[Result]:
    """Every contestant with every random seed, each run in a folder of its own.

    A run that is there already is gone on with, so that a contest may be interrupted. What becomes
    of each is told to ``watch``; ``follow`` gives what is called with its candidates meanwhile.

    Raises:
        ActdslError: see ``run``; or a folder holds a run that was begun otherwise.
    """
    results = []
    for rng_seed in rng_seeds:
        for contestant in contestants:
            own = replace(settings, **contestant.changes, rng_seed=rng_seed)
            path = run_folder(folder, contestant.name, rng_seed)
            if not _is_over(path, own):
                with follow(contestant.name, rng_seed) as candidates:
                    _run(contestant, own, path, evaluator, candidates)
            result = _read(contestant, own, path)
            results.append(result)
            watch(result)
    return results


def _is_over(path: Path, settings: Settings) -> bool:
    """Whether the run is there to its end.

    Raises:
        ActdslError: what is there is another run, or on another version of the lab.
    """
    if not holds_run(path):
        return False
    directory = RunDirectory.look_at(path)
    with closing(directory.store) as store:
        check_lab(path, store, settings)
        begun, over = directory.settings, bool(store.fact("ended"))
    if _search(begun) != _search(settings):
        raise ActdslError(f"{path} holds a run with other settings: choose another folder")
    return over and begun.candidates == settings.candidates


def _search(settings: Settings) -> dict[str, Any]:
    """What a run may not be gone on with under another of."""
    return {k: v for k, v in settings.as_json().items() if k not in (*BUDGETS, *ENDPOINT)}


def _run(
    contestant: Contestant, settings: Settings, path: Path, evaluator: Evaluator, watch: Watch
) -> None:
    command = f"compare-search {contestant.name}"
    if holds_run(path):
        free = {name: getattr(settings, name) for name in (*BUDGETS, *ENDPOINT)}
        directory = RunDirectory.resume(path, command, **free)
    else:
        directory = RunDirectory.begin(path, settings, command)
    with closing(directory.store):
        run(directory, evaluator, make_proposer(directory.settings), watch)


def _read(contestant: Contestant, settings: Settings, path: Path) -> Result:
    """What a run that is over amounts to."""
    with closing(RunDirectory.look_at(path).store) as store:
        proof: dict[str, Any] | None = store.fact("proof")
        evaluated, best = store.standing()
        proposals = store.proposals().values()
        seconds = sum(store.sessions().values())
    champion = proof["champions"][0] if proof else None
    return Result(
        contestant.name,
        settings.rng_seed,
        champion["name"] if champion else "",
        champion["ratio"] if champion else None,
        tuple(champion["interval"]) if champion else None,
        None if best is None else best[0],
        evaluated,
        seconds,
        sum(p.cost.tokens for p in proposals),
        sum(p.cost.usd for p in proposals),
    )


def _unwatched(_candidate: Candidate, _archive: Archive) -> None:
    """Nobody looks."""


def mean(ratios: Sequence[float]) -> Mean:
    """Of one run there is no interval: it is infinite. Of none there is no mean: it is NaN."""
    if not ratios:
        return Mean(math.nan, (0.0, math.inf))
    logs = np.log(ratios)
    middle = float(logs.mean())
    if len(logs) < 2:
        return Mean(math.exp(middle), (0.0, math.inf))
    reach = float(stats.t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / math.sqrt(len(logs)))
    return Mean(math.exp(middle), (math.exp(middle - reach), math.exp(middle + reach)))


def against(results: Sequence[Result], one: str, other: str) -> Mean:
    """One contestant's sealed ratio over another's, paired by random seed."""
    found = {(r.contestant, r.rng_seed): r.sealed for r in results if r.sealed is not None}
    pairs = [
        ratio / found[other, seed]
        for (name, seed), ratio in found.items()
        if name == one and (other, seed) in found
    ]
    return mean(pairs)


def run_folder(folder: Path, contestant: str, rng_seed: int) -> Path:
    """Where a contest's folder has the run of a contestant with a random seed."""
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in contestant)
    return folder / f"{name}-{rng_seed}"
