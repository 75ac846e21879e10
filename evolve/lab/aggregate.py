"""From losses to a ranking: three ways to make one number of many, which rank differently.

``geomean``, the default, is the geometric mean of the paired ratios against ReLU: every run has one
vote, of the size of its ratio's logarithm. ``mean`` is the plain mean of the losses, divided by
ReLU's, so a few runs that explode outside of the training range decide all. ``rank`` is the mean
rank among all that are compared: every run has one vote, and how much better does not matter.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evaluate import LARGEST_LOSS, Evaluation
from .intervals import bootstrap_interval, mean
from .pairing import log_ratios, lost


class Aggregate(enum.Enum):
    """How many losses become one number, of which the lower is the better."""

    GEOMEAN = "geomean"
    MEAN = "mean"
    RANK = "rank"


@dataclass(frozen=True)
class Aggregated:
    """One activation's number, and its 95 % interval over tasks and seeds."""

    value: float
    interval: tuple[float, float]


def aggregated(
    how: Aggregate, field: Sequence[Evaluation], baseline: Evaluation, rng_seed: int = 0
) -> list[Aggregated]:
    """The numbers of all that are compared, in their order.

    A lost run has the worst ratio, the largest loss or the last rank. Ranks are among the field
    alone: the baseline has one if it is in it.

    Raises:
        ValueError: the evaluations are not of the same suite and seeds.
    """
    match how:
        case Aggregate.GEOMEAN:
            return [_geomean(evaluation, baseline, rng_seed) for evaluation in field]
        case Aggregate.MEAN:
            return [_mean(evaluation, baseline, rng_seed) for evaluation in field]
        case Aggregate.RANK:
            return [_plain(ranks, rng_seed) for ranks in _ranks(field, baseline)]


def _geomean(evaluation: Evaluation, baseline: Evaluation, rng_seed: int) -> Aggregated:
    logs = _plain(log_ratios(evaluation, baseline), rng_seed)
    low, high = np.exp(logs.interval)
    return Aggregated(float(np.exp(logs.value)), (float(low), float(high)))


def _mean(evaluation: Evaluation, baseline: Evaluation, rng_seed: int) -> Aggregated:
    own, other = (_losses(found, baseline) for found in (evaluation, baseline))
    interval = bootstrap_interval(
        own,
        other,
        rng=np.random.default_rng(rng_seed),
        statistic=lambda a, b: mean(a) / mean(b),
    )
    return Aggregated(float(own.mean() / other.mean()), interval)


def _plain(values: NDArray[np.float64], rng_seed: int) -> Aggregated:
    interval = bootstrap_interval(values, rng=np.random.default_rng(rng_seed))
    return Aggregated(float(values.mean()), interval)


def _losses(evaluation: Evaluation, baseline: Evaluation) -> NDArray[np.float64]:
    return np.where(lost(evaluation, baseline), LARGEST_LOSS, evaluation.ood)


def _ranks(field: Sequence[Evaluation], baseline: Evaluation) -> NDArray[np.float64]:
    """Of shape (field, tasks, seeds), from 1; draws share their ranks' mean, the lost are last."""
    losses = np.array([_losses(evaluation, baseline) for evaluation in field])
    lower = (losses < losses[:, np.newaxis]).sum(axis=1)
    equal = (losses == losses[:, np.newaxis]).sum(axis=1)
    ranks = lower + (equal + 1) / 2
    last = np.array([lost(evaluation, baseline) for evaluation in field])
    return np.where(last, len(field), ranks)
