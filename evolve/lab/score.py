"""From losses to one number: the out-of-distribution ratio against ReLU, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evaluate import Evaluation

WORST_RATIO = 1e6
"""What a diverged run counts as; no run counts worse, and none better than its inverse."""


@dataclass(frozen=True)
class Score:
    """Geometric means of loss ratios, candidate over baseline; below 1 is better than it.

    ``ratio`` is out of distribution over all tasks and seeds, ``interval`` its 95 % interval,
    ``families`` the same mean for each family, ``in_distribution`` that of the validation losses,
    ``diverged`` the fraction of runs that did.
    """

    ratio: float
    interval: tuple[float, float]
    families: dict[str, float]
    in_distribution: float
    diverged: float


def score(
    candidate: Evaluation, baseline: Evaluation, rng_seed: int = 0, resamples: int = 2000
) -> Score:
    """Pair the runs by task and seed, average the logarithms of the ratios.

    Raises:
        ValueError: if the two evaluations are not of the same suite and seeds.
    """
    if (candidate.suite, candidate.seeds) != (baseline.suite, baseline.seeds):
        raise ValueError(
            f"evaluations do not pair: {candidate.suite} with seeds {candidate.seeds}, "
            f"{baseline.suite} with seeds {baseline.seeds}"
        )
    ood = log_ratios(candidate.ood, baseline.ood, candidate.diverged)
    validation = log_ratios(candidate.validation, baseline.validation, candidate.diverged)
    families = np.array([task.family for task in candidate.suite.tasks])
    low, high = bootstrap_interval(ood, np.random.default_rng(rng_seed), resamples)
    return Score(
        ratio=float(np.exp(ood.mean())),
        interval=(float(np.exp(low)), float(np.exp(high))),
        families={str(f): float(np.exp(ood[families == f].mean())) for f in np.unique(families)},
        in_distribution=float(np.exp(validation.mean())),
        diverged=float(candidate.diverged.mean()),
    )


def log_ratios(
    loss: NDArray[np.float64], baseline: NDArray[np.float64], diverged: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """log(loss / baseline), the worst ratio's logarithm where diverged, clipped at it elsewhere."""
    worst = np.log(WORST_RATIO)
    return np.where(diverged, worst, np.log(loss / baseline).clip(-worst, worst))


def bootstrap_interval(
    values: NDArray[np.float64], rng: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """95 % percentile interval of the mean of ``values``, of shape (tasks, seeds).

    Hierarchical: tasks are drawn with replacement, then seeds within each drawn task, so the
    interval speaks of new tasks of the same kind and not only of new seeds.
    """
    tasks, seeds = values.shape
    task = rng.integers(tasks, size=(resamples, tasks, 1))
    seed = rng.integers(seeds, size=(resamples, tasks, seeds))
    low, high = np.quantile(values[task, seed].mean(axis=(1, 2)), (0.025, 0.975))
    return float(low), float(high)
