"""An evaluation as plain data: what travels between processes and rests in files."""

from __future__ import annotations

from typing import Any

import numpy as np

from .evaluate import LARGEST_LOSS, Evaluation
from .suites import Suite


def to_plain(evaluation: Evaluation) -> dict[str, Any]:
    """Suite, seeds and losses as JSON can hold them; floats come back bit for bit."""
    return {
        "suite": str(evaluation.suite),
        "tasks": [task.name for task in evaluation.suite.tasks],
        "seeds": list(evaluation.seeds),
        "validation": evaluation.validation.tolist(),
        "ood": evaluation.ood.tolist(),
        "diverged": evaluation.diverged.tolist(),
    }


def from_plain(data: dict[str, Any], suite: Suite) -> Evaluation:
    """The evaluation that :func:`to_plain` wrote, of the suite or of some of its tasks.

    Raises:
        ValueError: it is of another suite, or of another version of it.
    """
    if data["suite"] != str(suite):
        raise ValueError(f"losses are of {data['suite']}, not of {suite}")
    return Evaluation(
        suite=suite.only(data["tasks"]),
        seeds=tuple(data["seeds"]),
        validation=np.array(data["validation"], float),
        ood=np.array(data["ood"], float),
        diverged=np.array(data["diverged"], bool),
    )


def all_diverged(suite: Suite, seeds: tuple[int, ...]) -> Evaluation:
    """The evaluation of what could not be trained at all: every run diverged."""
    shape = (len(suite.tasks), len(seeds))
    losses = np.full(shape, LARGEST_LOSS)
    return Evaluation(suite, seeds, losses, losses.copy(), np.ones(shape, bool))
