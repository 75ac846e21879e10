"""Activations side by side as a picture: how they score, what they fit, what they are."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.evolve.comparison import Entry
from actdsl.evolve.lab import Aggregate, Suite, fit, lab_kernel
from actdsl.evolve.lab.tasks import Task, dataset
from actdsl.evolve.view.comparison import HEADINGS
from actdsl.ir import input
from actdsl.lower import lower

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRAWN = 8
"""Curves of so many of the best; all have a place in the forest."""

_CEILING = 40.0
"""Numbers above are drawn as an arrow at the edge: how bad the worst is does not matter."""


def comparison_picture(
    entries: Sequence[Entry], suite: Suite, task: Task, seed: int, how: Aggregate
) -> bytes:
    """A PNG: numbers with intervals, fits of one task along its diagonal, functions and slopes.

    The task's networks are trained again for it, so it takes a moment for each activation drawn.
    """
    from matplotlib.figure import Figure

    ordered = sorted(entries, key=lambda entry: entry.aggregated.value)
    shown = [entry for entry in ordered if not entry.error][:_DRAWN]
    height = max(6.0, 0.22 * len(ordered))
    figure = Figure(figsize=(13, height), dpi=110, layout="constrained")
    axes = figure.subplot_mosaic("AB;AC", width_ratios=(1, 1.2))
    _forest(axes["A"], ordered, HEADINGS[how])
    _fits(axes["B"], shown, suite, task, seed)
    _functions(axes["C"], shown)
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _forest(axes: Axes, ordered: Sequence[Entry], heading: str) -> None:
    places = np.arange(len(ordered))[::-1]
    values = np.array([entry.aggregated.value for entry in ordered]).clip(max=_CEILING)
    intervals = np.array([entry.aggregated.interval for entry in ordered]).T.clip(max=_CEILING)
    errors = np.abs(intervals - values)
    axes.errorbar(values, places, xerr=errors, fmt="o", ms=4, lw=1, capsize=2, color="tab:blue")
    beyond = values == _CEILING
    axes.plot(values[beyond], places[beyond], ">", ms=8, color="tab:red")
    axes.axvline(1.0, color="0.5", lw=0.8, ls="--")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_yticks(places, [entry.name for entry in ordered], fontsize=8)
    axes.set_xlabel(heading)


def _fits(axes: Axes, shown: Sequence[Entry], suite: Suite, task: Task, seed: int) -> None:
    u = np.linspace(0, 1, 201)
    along = np.repeat(u[:, np.newaxis], task.dimension, axis=1)
    data = dataset(task, seed, suite.sizes, np.float64)
    truth = (task.function(along) - data.mean) / data.deviation
    seen = task.shift.seen(u)
    axes.axvspan(data.x_train.min(), data.x_train.max(), color="0.9", lw=0, label="trained on")
    axes.plot(seen, truth, color="black", lw=2, label="task")
    for entry in shown:
        kernel = lab_kernel(entry.program, suite.recipe.width)
        axes.plot(seen, fit(kernel, suite, task, along, seed), lw=1, label=entry.name)
    spread = np.ptp(truth)
    axes.set_ylim(truth.min() - spread, truth.max() + spread)
    axes.set_title(f"{task.name}, all variables equal", fontsize=9)
    axes.legend(frameon=False, fontsize=7, ncols=2)


def _functions(axes: Axes, shown: Sequence[Entry]) -> None:
    x = np.linspace(-5, 5, 401)
    for entry in shown:
        body = lower(entry.program.body)
        slope = derivative(body, input(entry.program.inputs[0]))
        columns = {entry.program.inputs[0]: x[:, np.newaxis]}
        (line,) = axes.plot(x, evaluate(body, columns)[body][:, 0], lw=1.2, label=entry.name)
        values = np.broadcast_to(evaluate(slope, columns)[slope], (len(x), 1))
        axes.plot(x, values[:, 0], lw=0.8, ls=":", color=line.get_color())
    low, high = np.clip(axes.get_ylim(), -6, 6)
    axes.set_ylim(low, high)
    axes.set_title("activation, and its derivative dotted", fontsize=9)
