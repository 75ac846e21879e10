"""From outcomes to scores against the baseline's."""

from __future__ import annotations

from actdsl.errors import ActdslError
from actdsl.evolve.evaluator import Outcome
from actdsl.evolve.lab import SUITES, Evaluation, Score, score
from actdsl.evolve.lab.losses import all_diverged, from_plain

BASELINE = "activation relu(x):\n    return relu(x)\n"
"""Whose losses all others are divided by."""


class Scoring:
    """Scores outcomes on one suite and its seeds.

    Args:
        suite: the lab's suite, by name.
        seeds: the lab's seeds.
        baseline: the outcome of :data:`BASELINE`.

    Raises:
        ActdslError: the baseline could not be evaluated.
    """

    def __init__(self, suite: str, seeds: tuple[int, ...], baseline: Outcome) -> None:
        if baseline.losses is None:
            raise ActdslError(f"the baseline, ReLU, cannot be evaluated here: {baseline.error}")
        self._suite, self._seeds = SUITES[suite], seeds
        self._baseline = self._evaluation(baseline)

    def __call__(self, outcome: Outcome) -> Score:
        """The score; of a failed evaluation, the worst there is."""
        return score(self._evaluation(outcome), self._baseline)

    def _evaluation(self, outcome: Outcome) -> Evaluation:
        if outcome.losses is None:
            return all_diverged(self._suite, self._seeds)
        return from_plain(outcome.losses, self._suite)
