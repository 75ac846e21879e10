"""Each candidate's learning rate, from the recipe's grid, by what it learns in distribution.

A rate is tried on tasks of its own, which no suite evaluates, in shortened runs; the one with the
smallest geometric mean of validation losses is taken for all tasks and seeds. So no candidate loses
for want of tuning, and nothing out of distribution is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .kernel import LabKernel
from .recipe import Recipe
from .run import run
from .tasks import Sizes, feynman, harmonic, polynomial

PROBES = (
    polynomial(1, 3, seed=3),
    polynomial(3, 3, seed=3),
    harmonic(5, 0),
    harmonic(5, -2),
    feynman("I.12.4"),
    feynman("II.11.28"),
)
"""The tasks on which rates are tried, two of each family; the seed is 0."""


_WORST = 1e12


@lru_cache(maxsize=64)
def learning_rate(kernel: LabKernel, recipe: Recipe, sizes: Sizes) -> float:
    """The candidate's rate: pure, so that any process or subset of a suite finds the same."""
    if len(recipe.learning_rates) == 1:
        return recipe.learning_rates[0]
    short = shortened(recipe)
    losses = [
        [run(kernel, short, sizes, rate, task, 0)[0] for task in PROBES]
        for rate in recipe.learning_rates
    ]
    return best(recipe.learning_rates, np.array(losses))


def shortened(recipe: Recipe) -> Recipe:
    """How networks train that are to tell which rate is best."""
    return replace(recipe, steps=recipe.probe_steps or recipe.steps)


def best(rates: Sequence[float], losses: NDArray[np.float64]) -> float:
    """The rate with the smallest geometric mean of validation losses (rates, probes).

    A run that diverges counts as the largest loss. Between equals the smaller rate is taken.
    """
    finite = np.nan_to_num(losses, nan=_WORST, posinf=_WORST).clip(1e-12, _WORST)
    means = np.log(finite).mean(axis=1)
    return min(zip(means.tolist(), rates, strict=True))[1]
