"""What evaluates candidates: text in, losses out, and never an exception because of a candidate."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from actdsl.evolve.admission import check_size
from actdsl.evolve.lab import LossCache, Race, Runs, Suite
from actdsl.evolve.lab.losses import to_plain
from actdsl.grammar import parse


@dataclass(frozen=True, slots=True)
class Outcome:
    """An evaluation's end, as plain data.

    Attributes:
        losses: what ``lab.losses.to_plain`` gives; None if the evaluation failed.
        error: why it failed, in one line, else empty.
        seconds: wall time.
        lost: whether the process was lost with it, so that another try might end otherwise.
    """

    losses: dict[str, Any] | None
    error: str = ""
    seconds: float = 0.0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is asked for.

    Attributes:
        text: the activation's source.
        suite: the lab's suite.
        seeds: the lab's seeds.
        race: what may end the evaluation early.
        exact: whether losses of the same function in other words would not do.
        anew: whether to train whatever the cache has.
    """

    text: str
    suite: Suite
    seeds: tuple[int, ...]
    race: Race | None = None
    exact: bool = False
    anew: bool = False


class Comparing(Protocol):
    """Evaluates texts in full, all that are to be compared."""

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...]
    ) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome on the lab's seeds, as they finish."""
        ...


class Evaluator(Comparing, Protocol):
    """Evaluates texts for a search."""

    def submit(
        self,
        text: str,
        seeds: tuple[int, ...],
        race: Race | None = None,
        suite: Suite | None = None,
    ) -> Future[Outcome]:
        """The outcome, in the future, on the lab's seeds: in a race, or in full.

        The suite is by default the evaluator's own. The future has no exception because of the
        candidate; it is cancelled if the evaluator is left before it could be.
        """
        ...

    def tuned(self, text: str) -> Future[str]:
        """The text, in the future, with its constants tuned; the same text if that is no better.

        It is empty if the process was lost, so that another try might end otherwise.
        """
        ...

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome on the lab's seeds, as they finish; in a race, or in full."""
        ...


def measure(job: Job) -> Outcome:
    """Train networks with an activation, in this process, where the cache has no losses of it."""
    start = time.perf_counter()
    try:
        program = parse(job.text).program
        check_size(program)
        cache = LossCache(None) if job.anew else LossCache.default()
        runs = Runs(program, job.suite, cache, job.exact)
        evaluation = job.race.run(runs) if job.race else runs.evaluation(job.seeds)
        losses = to_plain(evaluation)
    except Exception as error:  # whatever a candidate provokes is its own failure, not the run's
        return failed(error, time.perf_counter() - start)
    return Outcome(losses, seconds=time.perf_counter() - start)


def failed(error: Exception, seconds: float) -> Outcome:
    """What is left of an evaluation that ended with an error."""
    return Outcome(None, f"{type(error).__name__}: {error}".splitlines()[0], seconds)
