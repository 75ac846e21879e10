"""The arrays of one task and seed: training, validation and out-of-distribution points.

Unless a task is shifted otherwise, each scaled variable u is uniform in (0, 0.5) for training and
in-distribution validation, and in (0.5, 1) out of distribution, all variables at once. Networks see
x = 4u - 1, which maps the training cell to (-1, 1) and the out-of-distribution cell to (1, 3), and
targets standardised by the mean and standard deviation of the training targets: only facts of the
training range enter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import fsum, sqrt

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .shift import Rows
from .task import Task


@dataclass(frozen=True)
class Sizes:
    """How many points of each kind."""

    train: int
    valid: int
    ood: int


@dataclass(frozen=True)
class Dataset:
    """Inputs of shape (rows, dimension), targets of shape (rows,), float32 unless asked.

    ``mean`` and ``deviation`` are those of the training targets before they were standardised.
    """

    x_train: NDArray[np.floating]
    y_train: NDArray[np.floating]
    x_valid: NDArray[np.floating]
    y_valid: NDArray[np.floating]
    x_ood: NDArray[np.floating]
    y_ood: NDArray[np.floating]
    mean: float
    deviation: float


def stream(task: Task, seed: int, purpose: str) -> np.random.Generator:
    """The random stream of a task, a seed and a purpose; independent of all others.

    Keyed by a digest of the names, so it does not depend on the process or the order of calls.
    """
    digest = hashlib.sha256(f"{task.name}\0{purpose}".encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype="<u4").tolist()])


def dataset(task: Task, seed: int, sizes: Sizes, dtype: DTypeLike = np.float32) -> Dataset:
    """Draw the points, evaluate the task in float64, standardise, round to ``dtype``.

    Raises:
        ValueError: if the task is constant or not finite on the drawn points.
    """
    shift = task.shift
    u_train = shift.train(stream(task, seed, "train").random((sizes.train, task.dimension)))
    u_valid = shift.train(stream(task, seed, "valid").random((sizes.valid, task.dimension)))
    u_ood = shift.ood(stream(task, seed, "ood").random((sizes.ood, task.dimension)))

    # fsum is exact, so mean and deviation do not depend on the order a machine sums in.
    y_train = task.function(u_train)
    mean = fsum(y_train) / sizes.train
    deviation = sqrt(fsum((y_train - mean) ** 2) / sizes.train)
    if deviation == 0:
        raise ValueError(f"{task.name} is constant on its training points")

    def inputs(u: Rows) -> NDArray[np.floating]:
        return shift.seen(u).astype(dtype)

    def targets(y: Rows) -> NDArray[np.floating]:
        if not np.isfinite(y).all():
            raise ValueError(f"{task.name} is not finite on its points")
        return ((y - mean) / deviation).astype(dtype)

    return Dataset(
        x_train=inputs(u_train),
        y_train=targets(y_train),
        x_valid=inputs(u_valid),
        y_valid=targets(task.function(u_valid)),
        x_ood=inputs(u_ood),
        y_ood=targets(task.function(u_ood)),
        mean=mean,
        deviation=deviation,
    )
