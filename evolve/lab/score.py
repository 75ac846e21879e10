"""From losses to one number: the out-of-distribution ratio against ReLU, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .evaluate import Evaluation
from .intervals import bootstrap_interval
from .pairing import learnt, log_ratios, log_ratios_within, win_rate


@dataclass(frozen=True)
class Score:
    """Geometric means of loss ratios, candidate over baseline; below 1 is better than it.

    Attributes:
        ratio: out of distribution, over all tasks and seeds.
        interval: its 95 % interval.
        families: the same mean for each family.
        in_distribution: that of the validation losses.
        diverged: the fraction of runs that did.
        learnt: whether the training range was learnt, where the baseline did; if not, all runs are lost.
        wins: for each rival by name, the fraction of runs with a lower out-of-distribution loss.
    """

    ratio: float
    interval: tuple[float, float]
    families: dict[str, float]
    in_distribution: float
    diverged: float
    learnt: bool = True
    wins: dict[str, float] = field(default_factory=dict)


def score(
    candidate: Evaluation,
    baseline: Evaluation,
    rivals: Mapping[str, Evaluation] | None = None,
    rng_seed: int = 0,
) -> Score:
    """Pair the runs by task and seed, average the logarithms of the ratios.

    Raises:
        ValueError: if the evaluations are not of the same suite and seeds.
    """
    ood, within = log_ratios(candidate, baseline), log_ratios_within(candidate, baseline)
    families = np.array([task.family for task in candidate.suite.tasks])
    low, high = bootstrap_interval(ood, rng=np.random.default_rng(rng_seed))
    return Score(
        ratio=float(np.exp(ood.mean())),
        interval=(float(np.exp(low)), float(np.exp(high))),
        families={str(f): float(np.exp(ood[families == f].mean())) for f in np.unique(families)},
        in_distribution=float(np.exp(within.mean())),
        diverged=float(candidate.diverged.mean()),
        learnt=learnt(candidate, baseline),
        wins={name: win_rate(candidate, rival, baseline) for name, rival in (rivals or {}).items()},
    )
