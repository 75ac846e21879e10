"""The run as a picture: every candidate's ratio, and the best so far, in order of proposal."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from actdsl.evolve.archive import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CEILING = 3.0
"""Ratios above are drawn at the upper edge: what matters lies below the baseline."""


def curve(archive: Archive) -> bytes:
    """A PNG of the candidates paid for, with a line for each reference."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    convergence(figure.add_subplot(), archive)
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()


def convergence(axes: Axes, archive: Archive) -> None:
    """The same on a plot's axes."""
    ratios = np.array([c.ratio for c in archive.in_order])
    count = np.arange(1, len(ratios) + 1)
    axes.plot(count, ratios.clip(max=_CEILING), "o", ms=3, alpha=0.5, label="candidate")
    if len(ratios):
        best = np.minimum.accumulate(ratios).clip(max=_CEILING)
        axes.plot(count, best, drawstyle="steps-post", label="best so far")
    for shade, reference in zip(("0.3", "0.6"), archive.references, strict=False):
        axes.axhline(reference.ratio, color=shade, ls="--", lw=1, label=reference.name)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_xlabel("candidates evaluated")
    axes.set_ylabel("out-of-distribution loss against ReLU's")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)
