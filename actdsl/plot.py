"""A picture of an activation and its derivative."""

from __future__ import annotations

import io

import numpy as np

from actdsl.derive import cotangents
from actdsl.evaluate import evaluate
from actdsl.ir import const, input
from actdsl.lower import lower
from actdsl.program import Program


def plot(program: Program, low: float = -5.0, high: float = 5.0) -> bytes:
    """A PNG of the function and its derivative in the first input, parameters at their start.

    A gate, where there is one, is held at 1.
    """
    from matplotlib.figure import Figure

    x = np.linspace(low, high, 801)[np.newaxis]
    inputs = {name: np.ones_like(x) for name in program.inputs} | {program.inputs[0]: x}
    body = lower(program.body)
    (slope,) = cotangents(body, const(1.0), [input(program.inputs[0])])
    figure = Figure(figsize=(4.8, 3.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.axhline(0.0, color="0.8", linewidth=0.8)
    axes.axvline(0.0, color="0.8", linewidth=0.8)
    axes.plot(x[0], evaluate(body, inputs)[body][0], label=program.name)
    axes.plot(x[0], evaluate(slope, inputs)[slope][0], label="derivative", linewidth=1.0, ls="--")
    axes.set_xlabel(program.inputs[0])
    axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
