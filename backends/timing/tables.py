"""What was measured, as tables for a terminal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from actdsl.backends.timing.clock import Quartiles
from actdsl.backends.timing.latency import Latency
from actdsl.backends.timing.measure import Cell
from actdsl.backends.timing.ways import ACTDSL, COMPILE, WAYS

_UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))


def time_table(results: Mapping[str, Sequence[Cell]], task: str) -> Table:
    """A row for each activation and size: medians, with half the distance between the quartiles.

    The last columns are our share of the bandwidth of a copy, and how many times quicker we are
    than torch.compile (than the next way, where that was left out).
    """
    cells = [(name, cell) for name, found in results.items() for cell in found if cell.task == task]
    ran = {way for _, cell in cells for way in cell.ways}
    ways = [way for way in WAYS if way in ran]
    others = [way for way in ways if way != ACTDSL]
    rival = COMPILE if COMPILE in others else next(iter(others), None)
    headings = ["activation", "elements", *ways]
    if ACTDSL in ways:
        headings += ["of copy"] + ([f"against {rival}"] if rival else [])
    table = _table(task, headings)
    shown = None
    for name, cell in cells:
        row = [name if name != shown else "", count(cell.size)]
        row += [spread(cell.best(way).time) if way in cell.ways else "" for way in ways]
        if ACTDSL in cell.ways:
            row += [f"{cell.share(ACTDSL):.0%}"]
            row += [f"{cell.speedup(rival):.2f}x" if rival in cell.ways else ""] if rival else []
        table.add_row(*row)
        shown = name
    speedups = [c.speedup(rival) for _, c in cells if rival and {rival, ACTDSL} <= set(c.ways)]
    if len(speedups) > 1:
        mean = f"{statistics.geometric_mean(speedups):.2f}x"
        table.add_row("geometric mean", *[""] * (len(headings) - 2), mean, style="bold")
    return table


def latency_table(results: Mapping[str, Mapping[str, Latency]]) -> Table:
    """A row for each activation and compiler: cold, one more in the same process, warm."""
    table = _table(
        "text to first gradient", ["activation", "compiler", "cold", "one more", "warm"], text=2
    )
    for name, ways in results.items():
        for k, (way, latency) in enumerate(ways.items()):
            times = (latency.cold, latency.following, latency.warm)
            table.add_row("" if k else name, way, *map(spread, times))
    return table


def spread(time: Quartiles) -> str:
    """A median in a unit that suits it, and half the distance between the quartiles in percent."""
    return f"{duration(time.median)} ±{(time.high - time.low) / 2 / time.median:.0%}"


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    unit, factor = next(u for u in _UNITS if seconds * u[1] >= 1.0 or u is _UNITS[-1])
    value = seconds * factor
    return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1e-2))))}f}{unit}"


def count(elements: int) -> str:
    """A number of elements, as a power of two where it is one."""
    power = elements.bit_length() - 1
    return f"2^{power}" if elements == 2**power and power >= 10 else str(elements)


def _table(title: str, headings: Iterable[str], text: int = 1) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="left" if k < text else "right", no_wrap=k < 2)
    return table
