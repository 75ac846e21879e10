"""The report's pictures, as SVG inside the page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO

import numpy as np

from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.view.curve import convergence
from actdsl.evolve.view.report.html import Html, tag
from actdsl.grammar import parse
from actdsl.ir import input
from actdsl.lower import lower

_REACH = 6.0
_COLUMNS = 3


def functions(candidates: Sequence[Candidate]) -> Html:
    """Each with its derivative, parameters at their start."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rows = -(-len(candidates) // _COLUMNS)
    figure = Figure(figsize=(10, 2.6 * rows), layout="constrained")
    FigureCanvasSVG(figure)
    for place, candidate in enumerate(candidates, 1):
        axes = figure.add_subplot(rows, _COLUMNS, place)
        x, value, slope = _values(candidate.text)
        axes.plot(x, value, label="f")
        axes.plot(x, slope, lw=1, ls="--", label="f'")
        axes.axhline(0, color="0.8", lw=0.8, zorder=0)
        axes.set_title(f"{candidate.number}: {candidate.name}", fontsize=9)
        if place == 1:
            axes.legend(frameon=False)
    return _picture(figure, "the best functions and their derivatives")


def course(archive: Archive) -> Html:
    """Every candidate's ratio, and the best so far."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasSVG(figure)
    convergence(figure.add_subplot(), archive)
    return _picture(figure, "convergence")


def _values(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    program = parse(text).program
    (name,) = program.inputs
    x = np.linspace(-_REACH, _REACH, 481)
    body = lower(program.body)
    slope = derivative(body, input(name))
    with np.errstate(all="ignore"):
        column = {name: x[:, np.newaxis]}
        value, rise = (evaluate(root, column)[root][:, 0] for root in (body, slope))
    return x, value, rise


def _picture(figure: object, words: str) -> Html:
    picture = BytesIO()
    figure.savefig(picture, format="svg", metadata={"Date": None})  # type: ignore[attr-defined]
    data = base64.b64encode(picture.getvalue()).decode()
    return tag("img", src=f"data:image/svg+xml;base64,{data}", alt=words)
