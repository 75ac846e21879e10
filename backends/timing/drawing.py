"""Nanoseconds per element against size, a line for each way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from actdsl.backends.timing.measure import TASKS, Cell
from actdsl.backends.timing.ways import WAYS


def picture(results: Mapping[str, Sequence[Cell]]) -> bytes:
    """A PNG: a row of panels, one for each task, for each activation; both axes logarithmic.

    Whiskers are quartiles. The grey line is a perfect kernel: its bytes at a copy's bandwidth.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.2 * len(results)), dpi=110, layout="constrained")
    grid = figure.subplots(len(results), len(TASKS), squeeze=False, sharex=True)
    for row, (name, cells) in zip(grid, results.items(), strict=True):
        for axes, task in zip(row, TASKS, strict=True):
            _panel(axes, [cell for cell in cells if cell.task == task])
            axes.set(title=f"{name}: {task}", xlabel="elements", ylabel="ns / element")
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _panel(axes: object, cells: Sequence[Cell]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    ran = {way for cell in cells for way in cell.ways}
    for k, way in enumerate(WAYS):
        if way not in ran:
            continue
        points = [(cell.size, cell.best(way).time) for cell in cells if way in cell.ways]
        middle = [time.median * 1e9 / size for size, time in points]
        below = [(time.median - time.low) * 1e9 / size for size, time in points]
        above = [(time.high - time.median) * 1e9 / size for size, time in points]
        sizes = [size for size, _ in points]
        axes.errorbar(sizes, middle, (below, above), color=f"C{k}", label=way, marker="o", ms=3)
    perfect = [cell.bytes / (8 * cell.size) * cell.copy.median * 1e9 / cell.size for cell in cells]
    axes.plot([cell.size for cell in cells], perfect, color="0.6", ls="--", label="memory")
    axes.legend(frameon=False, fontsize=7)
