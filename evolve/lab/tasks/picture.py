"""A task as a picture: its points and its values inside and outside of the training range."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from .dataset import Dataset, Sizes, dataset
from .task import Task

_SIZES = Sizes(train=64, valid=64, ood=64)
_COLOURS = {"train": "tab:blue", "valid": "tab:green", "ood": "tab:red"}


def picture(task: Task, seed: int = 0) -> bytes:
    """A PNG of the points for training, validation and out of distribution, as the networks see them.

    Beside them the task along the diagonal, all variables equal. Of more than two variables the
    first two are drawn; of one, its values are what the height shows.
    """
    from matplotlib.figure import Figure

    data = dataset(task, seed, _SIZES)
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    points, diagonal = figure.subplots(1, 2)
    figure.suptitle(task.name, fontsize=10)
    for kind, colour in _COLOURS.items():
        x, y = getattr(data, f"x_{kind}"), getattr(data, f"y_{kind}")
        heights = y if task.dimension == 1 else x[:, 1]
        points.plot(x[:, 0], heights, ".", ms=4, color=colour, label=kind)
    points.set_xlabel("first variable, as seen")
    points.set_ylabel("target" if task.dimension == 1 else "second variable, as seen")
    points.legend(frameon=False, fontsize=8)

    u = np.linspace(0, 1, 401)
    along = np.repeat(u[:, np.newaxis], task.dimension, axis=1)
    seen = task.shift.seen(u)
    diagonal.plot(seen, task.function(along), color="0.2", lw=1)
    for kind, (low, high) in _reach(data).items():
        diagonal.axvspan(low, high, color=_COLOURS[kind], alpha=0.15, lw=0)
    diagonal.set_xlabel("all variables, as seen")
    diagonal.set_ylabel("value")
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    return drawn.getvalue()


def _reach(data: Dataset) -> dict[str, tuple[float, float]]:
    """From the least to the greatest first variable of a kind of points."""
    kinds = {"train": data.x_train[:, 0], "ood": data.x_ood[:, 0]}
    return {kind: (float(x.min()), float(x.max())) for kind, x in kinds.items()}
