"""Evaluations of many candidates at once: their probes as one population, then their runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..evaluate import Evaluation, evaluation
from ..kernel import LabKernel
from ..learning_rate import PROBES, best, shortened
from ..recipe import Recipe
from ..suites import Suite
from ..tasks import Sizes
from .members import Member
from .train import run_all


def evaluate_all(
    kernels: Sequence[LabKernel], suite: Suite, seeds: Sequence[int], device: str
) -> list[Evaluation]:
    """What ``evaluate`` gives for each candidate, up to roundings and what training makes of them.

    Args:
        kernels: the candidates', for layers of the suite's width, all of one type.
        suite: the tasks and the training.
        seeds: of the networks.
        device: ``cuda``, or ``cpu``, where a population is no quicker than its members.
    """
    rates = learning_rates(tuple(kernels), suite.recipe, suite.sizes, device)
    members = [
        Member(kind, rate, task, seed)
        for kind, rate in enumerate(rates)
        for task in suite.tasks
        for seed in seeds
    ]
    losses = run_all(kernels, suite.recipe, suite.sizes, members, device)
    cells = losses.reshape(len(kernels), len(suite.tasks), len(seeds), 2)
    return [evaluation(suite, tuple(seeds), own) for own in cells]


@lru_cache(maxsize=64)
def learning_rates(
    kernels: tuple[LabKernel, ...], recipe: Recipe, sizes: Sizes, device: str
) -> tuple[float, ...]:
    """Each candidate's rate, as ``learning_rate`` finds it."""
    rates = recipe.learning_rates
    if len(rates) == 1:
        return (rates[0],) * len(kernels)
    members = [
        Member(kind, rate, task, 0)
        for kind in range(len(kernels))
        for rate in rates
        for task in PROBES
    ]
    losses = run_all(kernels, shortened(recipe), sizes, members, device)
    validation = losses[:, 0].reshape(len(kernels), len(rates), len(PROBES))
    return tuple(best(rates, own) for own in validation)
