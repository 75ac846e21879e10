"""Two evaluations compared run by run: the same task, the same seed, the same weights at first.

A run is lost if it diverged, and every run of an activation is lost if it did not even learn the
training range where the baseline did: a constant keeps its loss where others extrapolate badly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .evaluate import Evaluation

WORST_RATIO = 1e6
"""What a lost run counts as; no run counts worse, and none better than its inverse."""

UNLEARNT = 0.5
"""In-distribution loss from which nothing was learnt: predicting the mean has a loss of 1."""


def check_pair(candidate: Evaluation, other: Evaluation) -> None:
    """Whether run by run they were trained on the same.

    Raises:
        ValueError: they are not of the same suite and seeds.
    """
    if (candidate.suite, candidate.seeds) != (other.suite, other.seeds):
        raise ValueError(
            f"evaluations do not pair: {candidate.suite} with seeds {candidate.seeds}, "
            f"{other.suite} with seeds {other.seeds}"
        )


def learnt(candidate: Evaluation, baseline: Evaluation) -> bool:
    """Whether most runs learnt the training range, of those in which the baseline did."""
    possible = baseline.validation < UNLEARNT
    own = candidate.validation[possible] < UNLEARNT
    return not own.size or float(own.mean()) > 0.5


def lost(candidate: Evaluation, baseline: Evaluation) -> NDArray[np.bool_]:
    """Which runs count as the worst there is.

    Raises:
        ValueError: the evaluations do not pair.
    """
    check_pair(candidate, baseline)
    return candidate.diverged | (not learnt(candidate, baseline))


def log_ratios(candidate: Evaluation, baseline: Evaluation) -> NDArray[np.float64]:
    """log(candidate's loss / baseline's) out of distribution, of shape (tasks, seeds).

    It is the worst ratio's logarithm where the candidate's run is lost, clipped at it elsewhere.

    Raises:
        ValueError: they do not pair.
    """
    return logs(candidate.ood, baseline.ood, lost(candidate, baseline))


def log_ratios_within(candidate: Evaluation, baseline: Evaluation) -> NDArray[np.float64]:
    """The same of the in-distribution losses."""
    return logs(candidate.validation, baseline.validation, lost(candidate, baseline))


def logs(
    loss: NDArray[np.float64], baseline: NDArray[np.float64], lost: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Logarithms of ratios, the worst there is where lost, clipped at it elsewhere."""
    worst = np.log(WORST_RATIO)
    return np.where(lost, worst, np.log(loss / baseline).clip(-worst, worst))


def win_rate(candidate: Evaluation, rival: Evaluation, baseline: Evaluation) -> float:
    """The fraction of runs in which the candidate's out-of-distribution loss is the lower.

    A draw is half a win; a lost run wins against nothing but draws with another.
    """
    own, other = (
        np.where(lost(found, baseline), np.inf, found.ood) for found in (candidate, rival)
    )
    return float(np.mean((own < other) + 0.5 * (own == other)))
