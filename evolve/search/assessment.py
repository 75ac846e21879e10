"""From outcomes to settled candidates: their scores, and the race that the next ones run."""

from __future__ import annotations

from dataclasses import replace

from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.evaluation.evaluator import Outcome
from actdsl.evolve.evaluation.scoring import Scoring
from actdsl.evolve.lab import SUITES, Evaluation, Race, race
from actdsl.evolve.settings import Settings

Seeds = tuple[int, ...]


class Assessment:
    """What a run's evaluations add up to.

    Args:
        settings: with the suite and its seeds.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # For each set of lab seeds, once the baseline is evaluated on it, the first of all.
        self._scorings: dict[Seeds, Scoring] = {}
        self._finished: dict[int, Evaluation] = {}  # by number, those trained in full
        self._race: tuple[int, Race | None] = (-1, None)

    def race(self, evaluated: int) -> Race | None:
        """What the next candidate is held against, after so many; None without racing or too soon."""
        if not self._settings.racing:
            return None
        if self._race[0] != len(self._finished):
            baseline = self._scorings[self._settings.lab_seeds].baseline
            found = race(list(self._finished.values()), evaluated, baseline)
            self._race = len(self._finished), found
        return self._race[1]

    def evaluated(self, candidate: Candidate, outcome: Outcome, race: Race | None) -> Candidate:
        """The candidate with its score: evaluated, dropped from its race, or failed.

        Raises:
            ActdslError: it is the baseline, and failed.
        """
        scoring = self._scoring(candidate, outcome, self._settings.lab_seeds)
        status = Status.EVALUATED
        if outcome.losses is None:
            status = Status.FAILED
        elif scoring.is_partial(scoring.evaluation(outcome)):
            status = Status.DROPPED
        else:
            self._finished[candidate.number] = scoring.evaluation(outcome)
        return replace(
            candidate,
            status=status,
            reason=outcome.error,
            score=scoring(outcome, race),
            seconds=outcome.seconds,
        )

    def retested(self, candidate: Candidate, outcome: Outcome) -> Candidate:
        """The candidate with its score on fresh seeds."""
        scoring = self._scoring(candidate, outcome, self._settings.fresh_seeds)
        return replace(candidate, retest=scoring(outcome))

    def _scoring(self, candidate: Candidate, outcome: Outcome, seeds: Seeds) -> Scoring:
        """What scores on those seeds; the first to come is the baseline, and references are rivals."""
        if seeds not in self._scorings:
            self._scorings[seeds] = Scoring(SUITES[self._settings.suite], seeds, outcome)
        scoring = self._scorings[seeds]
        if candidate.is_reference:
            scoring.rivals[candidate.name] = scoring.evaluation(outcome)
        return scoring
