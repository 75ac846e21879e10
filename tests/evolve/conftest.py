"""Candidates, and a fake evaluator: losses from values, at once, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from actdsl.evaluate import evaluate_program
from actdsl.evolve import Candidate, Outcome, Settings, Status
from actdsl.evolve.behaviour import niche
from actdsl.evolve.candidate import Identity
from actdsl.evolve.lab import SUITES, Evaluation, Race, Runs, Score, Suite, part
from actdsl.evolve.lab.losses import to_plain
from actdsl.evolve.lab.racing import Rung
from actdsl.evolve.record.evaluations import done
from actdsl.grammar import parse

RELU = "activation relu(x):\n    return relu(x)\n"
NICHE = niche(parse(RELU).program)
GRID = np.linspace(-3, 3, 61)
TARGETS = (np.tanh(GRID), np.sin(2 * GRID), 0.3 * GRID)


class FakeEvaluator:
    """Losses are mean squared distances to three functions.

    It can give them in the opposite order, fail texts that contain something, be interrupted
    after a number of evaluations, as by Ctrl-C, and tune by adding a term.
    """

    def __init__(
        self,
        backwards: bool = False,
        fails: str = "\0",
        interrupted_after: int = 10**9,
        tunes: bool = False,
    ) -> None:
        self.tunes = tunes
        self.backwards, self.fails, self.left = backwards, fails, interrupted_after
        self.delayed: list[Delayed] = []
        self.evaluated: list[str] = []
        self.retested: list[str] = []
        self.proved: list[str] = []

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        order = range(len(texts))
        for index in reversed(order) if self.backwards else order:
            yield index, self.submit(texts[index], seeds, race).result()

    def submit(
        self,
        text: str,
        seeds: tuple[int, ...],
        race: Race | None = None,
        suite: Suite | None = None,
    ) -> Future[Outcome]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        done_so_far = {(0,): self.evaluated, (500,): self.retested}.get(seeds, self.proved)
        done_so_far.append(text)
        outcome = self._outcome(text, seeds, race, suite or SUITES["smoke"])
        return Delayed(outcome, self.delayed) if self.backwards else done(outcome)

    def tuned(self, text: str) -> Future[str]:
        return done(
            text.replace("    return ", "    return 0.07 * cos(x) + ") if self.tunes else text
        )

    def _outcome(
        self, text: str, seeds: tuple[int, ...], race: Race | None, suite: Suite
    ) -> Outcome:
        if self.fails in text:
            return Outcome(None, "ZeroDivisionError: as asked")
        values = evaluate_program(parse(text).program, GRID)
        distances = [np.mean((values - target) ** 2) + 0.01 for target in TARGETS]
        shape = len(suite.tasks), len(seeds)
        losses = np.resize(distances, shape[::-1]).T
        within, diverged = np.full(shape, 0.1), np.zeros(shape, bool)
        whole = Evaluation(suite, seeds, within, losses, diverged)
        return Outcome(to_plain(race.run(Known(whole)) if race else whole))


class Delayed(Future[Outcome]):
    """A future that comes when it is waited for, and all that were submitted later before it."""

    def __init__(self, outcome: Outcome, delayed: list[Delayed]) -> None:
        super().__init__()
        self._outcome, self._delayed = outcome, delayed
        delayed.append(self)

    def result(self, timeout: float | None = None) -> Outcome:
        while not self.done():
            last = self._delayed.pop()
            last.set_result(last._outcome)
        return super().result(timeout)


class Known(Runs):
    """Runs of which all is known."""

    def __init__(self, whole: Evaluation) -> None:
        self._whole = whole

    def evaluation(self, seeds: Sequence[int], tasks: Sequence[str] | None = None) -> Evaluation:
        names = tasks or [task.name for task in self._whole.suite.tasks]
        return part(self._whole, Rung(tuple(names), tuple(seeds)))


@pytest.fixture
def fake() -> type[FakeEvaluator]:
    return FakeEvaluator


@pytest.fixture
def settings() -> Settings:
    return Settings(seeds=(RELU,), candidates=40, suite="smoke", lab_seeds=(0,))


@pytest.fixture
def settled() -> Callable[..., Candidate]:
    """``settled(number, ratio, ...)``: a candidate as if it had been evaluated, or re-tested too."""

    def make(
        number: int, ratio: float, text: str = RELU, retested: bool = False, **facts: Any
    ) -> Candidate:
        score = Score(ratio, (ratio / 2, ratio * 2), {"feynman": ratio}, ratio / 4, 0.0)
        identity = Identity(f"act{number}", f"{number:016x}", f"{number:016x}", 7, NICHE)
        made = {"operator": "swap", "island": 1, "identity": identity, "score": score}
        if retested:
            made["retest"] = score
        return Candidate(number, text=text, **{"status": Status.EVALUATED, **made, **facts})

    return make
