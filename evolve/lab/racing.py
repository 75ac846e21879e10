"""Racing: a candidate is trained in growing parts of a suite, and dropped once it is hopeless.

A rung is a part of the runs: few tasks of every family on one seed, then more tasks, then more
seeds. From the candidates that were trained in full one knows how the mean over a rung's runs goes
with the mean over all: a line, and how far candidates lie from it. A candidate is dropped at the
first rung where even a result that is better than expected, by that deviation, would miss the bar.

The rungs are those of successive halving (Jamieson and Talwalkar, AISTATS 2016); the stop by
prediction replaces its fixed halves, so that a good batch is kept and a bad one is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from .evaluate import Evaluation
from .pairing import WORST_RATIO, check_pair, logs
from .runs import Runs
from .score import Score, score
from .suites import Suite

ENOUGH = 12
"""Candidates trained in full before the first is dropped."""

_NEAREST = 48
"""So many of the best are what the lines are drawn through."""

_OPTIMISM = 0.7
"""Deviations by which a candidate may do better than expected."""

_BAR = 1 / 20
"""The bar is the worst of this fraction of all candidates so far, and of at least three."""

_PRIOR_DEVIATION, _PRIOR_WEIGHT = 0.1, 4
"""The deviation from a line before anything is known, and how many candidates that counts for."""


@dataclass(frozen=True)
class Rung:
    """A part of a suite's runs: tasks by name, and seeds."""

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """How the mean log-ratio over all runs goes with that over a rung's.

    ``reach`` is the largest of the latter that it was drawn through.
    """

    intercept: float
    slope: float
    deviation: float
    reach: float

    def __call__(self, partial: float) -> float:
        """The expected mean over all runs; beyond the line's reach it rises one for one."""
        within = min(partial, self.reach)
        return self.intercept + self.slope * within + partial - within


@dataclass(frozen=True)
class Race:
    """What a batch of candidates is held against. It pickles, so that workers can be handed one.

    Attributes:
        baseline: ReLU's losses on all runs.
        rungs: the parts, in order; none is the whole.
        lines: one a rung.
        bar: the mean log-ratio that a candidate has to reach.
    """

    baseline: Evaluation
    rungs: tuple[Rung, ...]
    lines: tuple[Line, ...]
    bar: float

    def run(self, runs: Runs) -> Evaluation:
        """Train in parts: the evaluation of all runs, or of the rung where it was dropped."""
        for rung, line in zip(self.rungs, self.lines, strict=True):
            evaluation = runs.evaluation(rung.seeds, rung.tasks)
            expected = line(_mean_log(evaluation, part(self.baseline, rung)))
            if expected - _OPTIMISM * line.deviation > self.bar:
                return evaluation
        return runs.evaluation(self.baseline.seeds)

    def score(self, dropped: Evaluation) -> Score:
        """What a dropped candidate has to show: its expected ratio, and the rest from its own rung."""
        names = tuple(task.name for task in dropped.suite.tasks)
        sizes = [(len(rung.tasks), rung.seeds) for rung in self.rungs]
        line = self.lines[sizes.index((len(names), dropped.seeds))]
        baseline = part(self.baseline, Rung(names, dropped.seeds))
        expected = line(_mean_log(dropped, baseline))
        reach = 2 * line.deviation
        low, middle, high = np.exp([expected - reach, expected, expected + reach]).clip(
            max=WORST_RATIO
        )
        found = score(dropped, baseline, {"relu": baseline})
        return replace(found, ratio=float(middle), interval=(float(low), float(high)))


def race(finished: Sequence[Evaluation], proposed: int, baseline: Evaluation) -> Race | None:
    """The race after ``proposed`` candidates, of which these were trained in full; None if too few.

    Raises:
        ValueError: the evaluations are not of one suite and the same seeds.
    """
    steps = rungs(baseline.suite, baseline.seeds)
    if len(finished) < ENOUGH or not steps:
        return None
    for evaluation in finished:
        check_pair(evaluation, baseline)
    means = np.array([_mean_log(evaluation, baseline) for evaluation in finished])
    best = np.argsort(means, kind="stable")[:_NEAREST]
    lines = []
    for step in steps:
        own = part(baseline, step)
        partial = np.array([_mean_log(part(finished[i], step), own) for i in best])
        lines.append(_line(partial, means[best]))
    place = min(max(3, round(_BAR * proposed)), len(best))
    return Race(baseline, steps, tuple(lines), float(means[best[place - 1]]))


def rungs(suite: Suite, seeds: tuple[int, ...]) -> tuple[Rung, ...]:
    """A twelfth of the tasks, a sixth, a third, two thirds, all of them on one seed; then more seeds."""
    names = _interleaved(suite)
    counts = sorted({-(-len(names) * share // 12) for share in (1, 2, 4, 8, 12)})
    steps = [Rung(names[:count], seeds[:1]) for count in counts]
    steps += [Rung(names, seeds[: 2**k]) for k in range(1, len(seeds).bit_length())]
    return tuple(step for step in steps if (step.tasks, step.seeds) != (names, seeds))


def part(evaluation: Evaluation, rung: Rung) -> Evaluation:
    """The runs of an evaluation that belong to a rung."""
    suite = evaluation.suite.only(rung.tasks)
    names = [task.name for task in evaluation.suite.tasks]
    cells = np.ix_(
        [names.index(task.name) for task in suite.tasks],
        [evaluation.seeds.index(seed) for seed in rung.seeds],
    )
    return Evaluation(
        suite,
        rung.seeds,
        evaluation.validation[cells],
        evaluation.ood[cells],
        evaluation.diverged[cells],
    )


def _interleaved(suite: Suite) -> tuple[str, ...]:
    """The tasks' names, the families taking turns; within one, spread over its list."""
    families: dict[str, list[str]] = {}
    for task in suite.tasks:
        families.setdefault(task.family, []).append(task.name)
    spread = [_spread(names) for names in families.values()]
    return tuple(name for turn in zip_longest(*spread) for name in turn if name is not None)


def _spread(names: list[str]) -> list[str]:
    """Every fifth in turn, so that neighbours, which are alike, come far apart."""
    return [names[i] for start in range(5) for i in range(start, len(names), 5)]


def _mean_log(candidate: Evaluation, baseline: Evaluation) -> float:
    return float(logs(candidate.ood, baseline.ood, candidate.diverged).mean())


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> Line:
    """Least squares, with a deviation that is not believed to be small before there are many."""
    centred = x - x.mean()
    slope = float(centred @ (y - y.mean()) / max(centred @ centred, 1e-12))
    intercept = float(y.mean() - slope * x.mean())
    rest = y - intercept - slope * x
    total = rest @ rest + _PRIOR_WEIGHT * _PRIOR_DEVIATION**2
    deviation = float(np.sqrt(total / (len(x) - 2 + _PRIOR_WEIGHT)))
    return Line(intercept, slope, deviation, float(x.max()))
