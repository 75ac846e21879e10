"""A candidate's losses on every task and seed of a suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernel import LabKernel
from .learning_rate import learning_rate
from .run import run
from .suites import Suite

SMALLEST_LOSS = 1e-12
LARGEST_LOSS = 1e12
"""Losses are clipped to this range, so that the ratio of two always exists."""


@dataclass(frozen=True)
class Evaluation:
    """Losses and divergence of one candidate, each of shape (tasks, seeds).

    A loss is the mean squared error on standardised targets, clipped; a diverged run (any loss not
    finite) has the largest loss in both places.
    """

    suite: Suite
    seeds: tuple[int, ...]
    validation: NDArray[np.float64]
    ood: NDArray[np.float64]
    diverged: NDArray[np.bool_]


def evaluate(kernel: LabKernel, suite: Suite, seeds: Sequence[int] | None = None) -> Evaluation:
    """Train one network a task and seed (by default the suite's own seeds) and measure it.

    Pure: the same kernel, suite and seeds give the same losses in any process or thread, and a part
    of the suite gives that part of them. All runs have the candidate's own ``learning_rate``.
    """
    seeds = tuple(suite.seeds if seeds is None else seeds)
    rate = learning_rate(kernel, suite.recipe, suite.sizes)
    runs = [
        [run(kernel, suite.recipe, suite.sizes, rate, task, seed) for seed in seeds]
        for task in suite.tasks
    ]
    return evaluation(suite, seeds, np.array(runs))


def evaluation(suite: Suite, seeds: tuple[int, ...], losses: NDArray[np.float64]) -> Evaluation:
    """What runs' losses (tasks, seeds, 2) come to: in distribution, then out of it."""
    diverged = np.asarray(~np.isfinite(losses).all(axis=2))
    losses = np.where(diverged[..., np.newaxis], LARGEST_LOSS, losses)
    losses = losses.clip(SMALLEST_LOSS, LARGEST_LOSS)
    return Evaluation(suite, seeds, losses[..., 0], losses[..., 1], diverged)
