"""From outcomes to scores against the baseline's."""

from __future__ import annotations

from actdsl.errors import ActdslError
from actdsl.evolve.evaluation.evaluator import Outcome
from actdsl.evolve.lab import Evaluation, Race, Score, Suite, score
from actdsl.evolve.lab.losses import all_diverged, from_plain

BASELINE = "activation relu(x):\n    return relu(x)\n"
"""Whose losses all others are divided by."""

RIVAL = "activation gelu(x):\n    return gelu(x)\n"
"""What is evaluated beside it everywhere, and shown for comparison."""


class Scoring:
    """Scores outcomes on one suite and its seeds.

    Args:
        suite: the lab's suite.
        seeds: the lab's seeds.
        baseline: the outcome of :data:`BASELINE`.

    Attributes:
        rivals: by name, those that a score counts wins against; the baseline at first.

    Raises:
        ActdslError: the baseline could not be evaluated.
    """

    def __init__(self, suite: Suite, seeds: tuple[int, ...], baseline: Outcome) -> None:
        if baseline.losses is None:
            raise ActdslError(f"the baseline, ReLU, cannot be evaluated here: {baseline.error}")
        self._suite, self._seeds = suite, seeds
        self.baseline = self.evaluation(baseline)
        self.rivals = {"relu": self.baseline}

    def __call__(self, outcome: Outcome, race: Race | None = None) -> Score:
        """The score; of a failed evaluation the worst there is, of a dropped one what it would be."""
        evaluation = self.evaluation(outcome)
        if race is not None and self.is_partial(evaluation):
            return race.score(evaluation)
        return score(evaluation, self.baseline, self.rivals)

    def evaluation(self, outcome: Outcome) -> Evaluation:
        """The losses of an outcome: all of them, or those of a part of the suite."""
        if outcome.losses is None:
            return all_diverged(self._suite, self._seeds)
        return from_plain(outcome.losses, self._suite)

    def is_partial(self, evaluation: Evaluation) -> bool:
        """Whether the candidate was dropped before all runs were made."""
        return (evaluation.suite, evaluation.seeds) != (self._suite, self._seeds)
