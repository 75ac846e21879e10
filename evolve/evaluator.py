"""What evaluates candidates: text in, losses out, and never an exception because of a candidate."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from actdsl.evolve.lab import SUITES, evaluate, lab_kernel
from actdsl.evolve.lab.losses import to_plain
from actdsl.grammar import parse


@dataclass(frozen=True, slots=True)
class Outcome:
    """An evaluation's end, as plain data.

    Attributes:
        losses: what ``lab.losses.to_plain`` gives; None if the evaluation failed.
        error: why it failed, in one line, else empty.
        seconds: wall time.
    """

    losses: dict[str, Any] | None
    error: str = ""
    seconds: float = 0.0


class Evaluator(Protocol):
    """Evaluates texts on one suite and its seeds."""

    def outcomes(self, texts: Sequence[str]) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome, as they finish."""
        ...


def measure(text: str, suite: str, seeds: tuple[int, ...]) -> Outcome:
    """Compile a text and train networks with it, in this process."""
    start = time.perf_counter()
    try:
        kernel = lab_kernel(parse(text).program, SUITES[suite].recipe.width)
        losses = to_plain(evaluate(kernel, SUITES[suite], seeds))
    except Exception as error:  # whatever a candidate provokes is its own failure, not the run's
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        return Outcome(None, line, time.perf_counter() - start)
    return Outcome(losses, seconds=time.perf_counter() - start)
