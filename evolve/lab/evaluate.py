"""A candidate's losses on every task and seed of a suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from .kernel import LabKernel
from .network import initial
from .suites import Suite
from .tasks import Task, dataset, stream
from .trainer import predict, train

# The BLAS behind compiled np.dot, which numba loads at first use: too late for a limit to reach it.
import_module("scipy.linalg.cython_blas")

SMALLEST_LOSS = 1e-12
LARGEST_LOSS = 1e12
"""Losses are clipped to this range, so that the ratio of two always exists."""


@dataclass(frozen=True)
class Evaluation:
    """Losses and divergence of one candidate, each of shape (tasks, seeds).

    A loss is the mean squared error on standardised targets, summed in float64 and clipped; a
    diverged run (any loss not finite) has the largest loss in both places.
    """

    suite: Suite
    seeds: tuple[int, ...]
    validation: NDArray[np.float64]
    ood: NDArray[np.float64]
    diverged: NDArray[np.bool_]


def evaluate(kernel: LabKernel, suite: Suite, seeds: Sequence[int] | None = None) -> Evaluation:
    """Train one network a task and seed (by default the suite's own seeds) and measure it.

    Pure: the same kernel, suite and seeds give the same losses in any process or thread. BLAS runs
    on one thread meanwhile, since the parallel axis is the candidates.
    """
    seeds = tuple(suite.seeds if seeds is None else seeds)
    with threadpool_limits(limits=1, user_api="blas"):
        runs = [[_losses(kernel, suite, task, seed) for seed in seeds] for task in suite.tasks]
    losses = np.array(runs)
    diverged = ~np.isfinite(losses).all(axis=2)
    losses[diverged] = LARGEST_LOSS
    losses = losses.clip(SMALLEST_LOSS, LARGEST_LOSS)
    return Evaluation(suite, seeds, losses[..., 0], losses[..., 1], diverged)


def _losses(kernel: LabKernel, suite: Suite, task: Task, seed: int) -> tuple[float, float]:
    data = dataset(task, seed, suite.sizes, kernel.dtype)
    theta = initial(stream(task, seed, "initial"), task.dimension, suite.recipe.width, kernel)
    if not train(kernel, suite.recipe, theta, data.x_train, data.y_train):
        return np.nan, np.nan
    return (
        _mean_squared_error(predict(kernel, suite.recipe, theta, data.x_valid), data.y_valid),
        _mean_squared_error(predict(kernel, suite.recipe, theta, data.x_ood), data.y_ood),
    )


def _mean_squared_error(prediction: NDArray[Any], target: NDArray[Any]) -> float:
    return float(np.mean((prediction.astype(np.float64) - target) ** 2))
