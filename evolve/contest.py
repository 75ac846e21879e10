"""Ways to search against each other: equal budgets, several random seeds, judged on the sealed suite."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from actdsl.evolve.evaluator import Evaluator
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.run import Watch, run
from actdsl.evolve.run_directory import RunDirectory, holds_run
from actdsl.evolve.settings import Settings
from actdsl.evolve.store import Store


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
        sealed: the champion's ratio on the sealed suite, which it never saw; None without one.
        confirmed: its ratio on fresh seeds of the search's own suite.
        evaluated: candidates.
        seconds: wall time.
        tokens: read and written by models.
        usd: paid for them.
    """

    contestant: str
    rng_seed: int
    sealed: float | None
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
    follow: Watch = lambda _candidate, _archive: None,
) -> list[Result]:
    """Every contestant with every random seed, each run in a folder of its own.

    A run that is there already is gone on with, so that a contest may be interrupted.

    Raises:
        ActdslError: see ``run``; or a folder holds a run that was begun otherwise.
    """
    results = []
    for rng_seed in rng_seeds:
        for contestant in contestants:
            own = replace(settings, **contestant.changes, rng_seed=rng_seed)
            path = folder / f"{_folder_name(contestant.name)}-{rng_seed}"
            result = _result(contestant, own, path, evaluator, follow)
            results.append(result)
            watch(result)
    return results


def _result(
    contestant: Contestant, settings: Settings, path: Path, evaluator: Evaluator, follow: Watch
) -> Result:
    if holds_run(path):
        with closing(RunDirectory.look_at(path).store) as store:
            if store.fact("ended") and Settings.from_json(store.fact("settings")) == settings:
                return _read(contestant, settings, store)
        directory = RunDirectory.resume(path, candidates=settings.candidates)
    else:
        directory = RunDirectory.begin(path, settings, f"compare-search {contestant.name}")
    with closing(directory.store) as store:
        run(directory, evaluator, make_proposer(directory.settings), follow)
        return _read(contestant, settings, store)


def _read(contestant: Contestant, settings: Settings, store: Store) -> Result:
    """What a run that is over amounts to."""
    proof: dict[str, Any] | None = store.fact("proof")
    evaluated, best = store.standing()
    proposals = store.proposals().values()
    return Result(
        contestant.name,
        settings.rng_seed,
        None if proof is None else proof["champions"][0]["ratio"],
        None if best is None else best[0],
        evaluated,
        sum(store.sessions().values()),
        sum(p.cost.tokens for p in proposals),
        sum(p.cost.usd for p in proposals),
    )


def mean(ratios: Sequence[float]) -> Mean:
    """Of one run there is no interval: it is infinite."""
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
    return mean(pairs) if pairs else Mean(math.nan, (0.0, math.inf))


def _folder_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
