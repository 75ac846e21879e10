"""An activation run in several ways, size by size, beside a copy of as many numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.schedule import collectives
from actdsl.backends.timing.clock import Quartiles, race
from actdsl.backends.timing.ways import ACTDSL, DEFAULT_WAYS, Way, operands, ways
from actdsl.lower import lower
from actdsl.program import Program

FORWARD, BOTH = "forward", "forward + backward"
TASKS = (FORWARD, BOTH)
"""What is timed: the output alone, without autograd; the output, then the gradients."""

_SHORTEST = {"cpu": 1e-4, "cuda": 1e-3}


@dataclass(frozen=True)
class Result:
    """The time of one way in one spelling."""

    way: str
    spelling: str
    time: Quartiles


@dataclass(frozen=True)
class Cell:
    """One task at one size.

    Attributes:
        size: elements.
        bytes: what a perfect kernel moves.
        copy: the time of copying ``size`` float32 from one tensor to another.
        results: every way in every spelling.
        failed: ways that did not run, and why.
    """

    task: str
    size: int
    bytes: int
    copy: Quartiles
    results: tuple[Result, ...]
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the ways that ran."""
        return tuple(dict.fromkeys(result.way for result in self.results))

    def best(self, way: str) -> Result:
        """The faster spelling, which stands for the way."""
        return min((r for r in self.results if r.way == way), key=lambda r: r.time.median)

    def speedup(self, way: str) -> float:
        """How many times quicker our kernel is."""
        return self.best(way).time.median / self.best(ACTDSL).time.median

    def share(self, way: str) -> float:
        """The perfect kernel's bytes per second at this way's time, as a part of the copy's."""
        bandwidth = 8 * self.size / self.copy.median
        return self.bytes / self.best(way).time.median / bandwidth

    def document(self) -> dict[str, Any]:
        """For JSON; times in seconds."""
        return {
            **asdict(self),
            "share": {way: self.share(way) for way in self.ways},
            "failed": dict(self.failed),
        }


def measure(
    program: Program,
    sizes: Sequence[int],
    names: Collection[str] = DEFAULT_WAYS,
    device: str = "cpu",
    seconds: float = 0.5,
    tasks: Collection[str] = TASKS,
    contenders: Callable[..., Iterator[Way]] = ways,
) -> Iterator[Cell]:
    """Time an activation in some ways, which take turns; a cell for each size and task.

    Args:
        seconds: for each cell, apart from compiling.
        contenders: gives the ways; :func:`~actdsl.backends.timing.ways.ways`.

    Raises:
        Exception: whatever our own kernel raises. If another way fails, the cell says so.
    """
    for size in sizes:
        given = operands(program, size, device)
        ready, failed = _warmed(contenders(program, given, names), tasks)
        source, target = given.flow, torch.empty_like(given.flow)

        def copy(source: Tensor = source, target: Tensor = target) -> object:
            return target.copy_(source)

        for task in TASKS:
            if task not in tasks:
                continue
            calls = [way.forward if task == FORWARD else way.both for way in ready]
            with torch.set_grad_enabled(task != FORWARD):
                times = race(
                    [*calls, copy], seconds, shortest=_SHORTEST[device], settle=_settle(device)
                )
            results = tuple(
                Result(way.name, way.spelling, time)
                for way, time in zip(ready, times[:-1], strict=True)
            )
            yield Cell(task, size, least_bytes(program, size, task), times[-1], results, failed)


def least_bytes(program: Program, size: int, task: str) -> int:
    """What a perfect kernel moves in float32: each tensor once per pass over it.

    A pass forward, inputs in and output out; another backward, inputs and cotangent in, gradients
    out. A statistic over all elements needs both inputs' passes to be made once more.
    """
    inputs = len(program.inputs)
    statistics = collectives([lower(program.body)])
    again = any(statistic.attr in ("all", "batch") for statistic in statistics)
    forward = inputs * (1 + again) + 1
    backward = (inputs + 1) * (1 + again) + inputs
    return 4 * size * (forward if task == FORWARD else forward + backward)


def _warmed(
    contenders: Iterator[Way], tasks: Collection[str]
) -> tuple[list[Way], tuple[tuple[str, str], ...]]:
    """The ways that run, each called twice in every mode; compilers do their work here."""
    ready, failed = [], []
    for way in contenders:
        try:
            with way.first():
                for task in tasks:
                    with torch.set_grad_enabled(task != FORWARD):
                        for _ in range(2):
                            _ = way.forward() if task == FORWARD else way.both()
        except Exception as error:  # other people's compilers may fail in any way
            if way.name == ACTDSL:
                raise
            failed.append((way.name, f"{type(error).__name__}: {error}".splitlines()[0]))
        else:
            ready.append(way)
    return ready, tuple(failed)


def _settle(device: str) -> Callable[[], object]:
    return torch.cuda.synchronize if device == "cuda" else lambda: None
