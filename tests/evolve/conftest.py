"""Candidates, and a fake evaluator: losses from values, at once, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from actdsl.evaluate import evaluate_program
from actdsl.evolve import Candidate, Outcome, Settings, Status
from actdsl.evolve.candidate import Identity
from actdsl.evolve.lab import SUITES, Evaluation, Score
from actdsl.evolve.lab.losses import to_plain
from actdsl.grammar import parse

RELU = "activation relu(x):\n    return relu(x)\n"
GRID = np.linspace(-3, 3, 61)
TARGETS = (np.tanh(GRID), np.sin(2 * GRID), 0.3 * GRID)


class FakeEvaluator:
    """Losses are mean squared distances to three functions.

    It can give them in the opposite order, fail texts that contain something, and be interrupted
    after a number of evaluations, as by Ctrl-C.
    """

    def __init__(
        self, backwards: bool = False, fails: str = "\0", interrupted_after: int = 10**9
    ) -> None:
        self.backwards, self.fails, self.left = backwards, fails, interrupted_after
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
        diverged = np.zeros((3, 1), bool)
        return Outcome(to_plain(Evaluation(SUITES["smoke"], (0,), losses, losses, diverged)))


@pytest.fixture
def fake() -> type[FakeEvaluator]:
    return FakeEvaluator


@pytest.fixture
def settings() -> Settings:
    return Settings(seeds=(RELU,), candidates=40, suite="smoke", lab_seeds=(0,))


@pytest.fixture
def settled() -> Callable[..., Candidate]:
    """``settled(number, ratio, ...)``: a candidate as if it had been evaluated."""

    def make(number: int, ratio: float, text: str = RELU, **facts: Any) -> Candidate:
        score = Score(ratio, (ratio / 2, ratio * 2), {"feynman": ratio}, ratio / 4, 0.0)
        identity = Identity(f"act{number}", f"{number:016x}", f"{number:016x}", 7)
        made = {"operator": "swap", "identity": identity, "score": score}
        return Candidate(number, 1, text, **{"status": Status.EVALUATED, **made, **facts})

    return make
