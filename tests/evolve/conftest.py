"""A fake evaluator: losses from the activation's values, at once and in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from actdsl.evaluate import evaluate_program
from actdsl.evolve import Candidate, Outcome, Settings, Status
from actdsl.evolve.candidate import Identity
from actdsl.evolve.lab import SUITES, Evaluation, Score
from actdsl.evolve.lab.losses import to_plain
from actdsl.grammar import parse

RELU = "activation relu(x):\n    return relu(x)\n"
SMOKE = SUITES["smoke"]
GRID = np.linspace(-3, 3, 61)
TARGETS = (np.tanh(GRID), np.sin(2 * GRID), 0.3 * GRID)


class FakeEvaluator:
    """Mean squared distance to three functions; fails what has ``fails`` in its text."""

    def __init__(self, backwards: bool = False, fails: str = "\0", stop_after: int = 10**9) -> None:
        self.backwards, self.fails, self.left = backwards, fails, stop_after
        self.evaluated: list[str] = []

    def outcomes(self, texts: Sequence[str]) -> Iterator[tuple[int, Outcome]]:
        order = range(len(texts))
        for index in reversed(order) if self.backwards else order:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            self.evaluated.append(texts[index])
            yield index, self._outcome(texts[index])

    def _outcome(self, text: str) -> Outcome:
        if self.fails in text:
            return Outcome(None, "ZeroDivisionError: as asked")
        values = evaluate_program(parse(text).program, GRID)
        losses = np.array([[np.mean((values - target) ** 2) + 0.01] for target in TARGETS])
        return Outcome(
            to_plain(Evaluation(SMOKE, (0,), losses, losses, np.zeros((3, 1), bool))), seconds=0.5
        )


@pytest.fixture
def settings() -> Settings:
    return Settings(seeds=(RELU,), candidates=40, suite="smoke", lab_seeds=(0,))


def settled(number: int, ratio: float, text: str = RELU, **facts: object) -> Candidate:
    """A candidate as if it had been evaluated."""
    score = Score(ratio, (ratio / 2, ratio * 2), {"feynman": ratio}, ratio / 3, 0.0)
    identity = Identity(f"act{number}", f"{number:016x}", f"{number:016x}", 7, 0)
    made = {"operator": "swap", "identity": identity, "status": Status.EVALUATED, "score": score}
    return Candidate(number, 1, text, **{**made, **facts})
