"""Runs that take turns, until a budget of time is spent."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Quartiles:
    """Seconds: the median of some runs, and the quartiles below and above it."""

    low: float
    median: float
    high: float
    runs: int

    @staticmethod
    def of(seconds: Sequence[float]) -> Quartiles:
        """The quartiles of at least one run."""
        if len(seconds) == 1:
            return Quartiles(seconds[0], seconds[0], seconds[0], 1)
        low, median, high = statistics.quantiles(seconds, n=4, method="inclusive")
        return Quartiles(low, median, high, len(seconds))


def race(
    calls: Sequence[Callable[[], object]],
    seconds: float,
    at_least: int = 5,
    shortest: float = 1e-4,
    settle: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Quartiles]:
    """Time each of some calls, which take turns in every round.

    The machine's speed drifts; calls that take turns drift together, so their ratio does not. Each
    round has an order of its own, drawn from a fixed seed, so that none always runs in the wake of
    the same other: what that one leaves in the caches, or on the other core, counts.

    Args:
        calls: what is timed. Each has been called before: first calls compile.
        seconds: after how long the last round starts.
        at_least: rounds, however long they take.
        shortest: what is quicker than this is called several times in a run, and the time divided.
        settle: waits for what a call has started; part of the run.
        clock: seconds.
    """
    repeats = [max(1, round(shortest / max(_run(c, 1, settle, clock), 1e-9))) for c in calls]
    samples: list[list[float]] = [[] for _ in calls]
    shuffle = random.Random(0)
    with _without_collection():
        start, rounds = clock(), 0
        while rounds < at_least or clock() - start < seconds:
            for k in shuffle.sample(range(len(calls)), len(calls)):
                samples[k].append(_run(calls[k], repeats[k], settle, clock))
            rounds += 1
    return [Quartiles.of(sample) for sample in samples]


def _run(
    call: Callable[[], object],
    repeats: int,
    settle: Callable[[], object],
    clock: Callable[[], float],
) -> float:
    settle()
    start = clock()
    for _ in range(repeats):
        call()
    settle()
    return (clock() - start) / repeats


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection, as in ``timeit``: whose run it falls into is chance."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
