"""Intervals that speak of new tasks and new seeds: the hierarchical bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Statistic = Callable[..., NDArray[np.float64]]
"""Takes arrays of shape (resamples, tasks * seeds) and gives one number a resample."""


def mean(values: NDArray[Any]) -> NDArray[np.float64]:
    """The statistic of plain means."""
    means: NDArray[np.float64] = values.mean(axis=1)
    return means


def bootstrap_interval(
    *values: NDArray[np.float64],
    rng: np.random.Generator,
    resamples: int = 2000,
    statistic: Statistic = mean,
) -> tuple[float, float]:
    """95 % percentile interval of a statistic of arrays of shape (tasks, seeds), drawn together.

    Hierarchical: tasks are drawn with replacement, then seeds within each drawn task, so the
    interval speaks of new tasks of the same kind and not only of new seeds.
    """
    tasks, seeds = values[0].shape
    task = rng.integers(tasks, size=(resamples, tasks, 1))
    seed = rng.integers(seeds, size=(resamples, tasks, seeds))
    drawn = (array[task, seed].reshape(resamples, -1) for array in values)
    low, high = np.quantile(statistic(*drawn), (0.025, 0.975))
    return float(low), float(high)
