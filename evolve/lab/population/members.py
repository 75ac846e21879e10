"""The members of a population, and their arrays beside each other.

Members differ in what they learn, hence in the dimension of their inputs, and in how many
parameters their activations have. All are given the widest: inputs that are not there are zero, so
nothing reaches the weights behind them, and parameters that are not there have no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernel import LabKernel
from ..network import initial, numbers, split
from ..recipe import Recipe
from ..run import cached_dataset
from ..tasks import Dataset, Sizes, Task, stream


@dataclass(frozen=True)
class Member:
    """One network of a population.

    Attributes:
        kind: the index of its activation.
        learning_rate: where its cosine begins.
        task: what it learns.
        seed: of its points and initial weights.
    """

    kind: int
    learning_rate: float
    task: Task
    seed: int


@dataclass(frozen=True)
class Shape:
    """What members' networks have in common: the widest input, and the most parameters a layer."""

    dimension: int
    width: int
    count: int

    @classmethod
    def of(cls, kernels: Sequence[LabKernel], width: int, members: Sequence[Member]) -> Shape:
        """The least that all members fit into; a layer always has room for one parameter."""
        count = max(kernel.params.size for kernel in kernels)
        return cls(max(m.task.dimension for m in members), width, max(count, 1))

    @property
    def numbers(self) -> int:
        """How long a member's flat vector is."""
        return numbers(self.dimension, self.width, self.count)


def weights(
    kernels: Sequence[LabKernel], recipe: Recipe, members: Sequence[Member], shape: Shape
) -> NDArray[Any]:
    """Fresh ones, (members, numbers): those that each network has alone, and zeros."""
    theta = np.zeros((len(members), shape.numbers), kernels[0].dtype)
    for row, member in zip(theta, members, strict=True):
        kernel, dimension = kernels[member.kind], member.task.dimension
        own = initial(stream(member.task, member.seed, "initial"), dimension, recipe, kernel)
        whole = split(row, shape.dimension, shape.width, shape.count)
        alone = split(own, dimension, shape.width, kernel.params.size)
        for part, values in zip(whole, alone, strict=True):
            part[tuple(map(slice, values.shape))] = values
    return theta


def bounds(
    kernels: Sequence[LabKernel], members: Sequence[Member], shape: Shape
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What both layers' parameters are clamped to, from below and from above."""
    low, high = np.full((2, len(kernels), 2, shape.count), np.inf, kernels[0].dtype)
    low *= -1
    for kind, kernel in enumerate(kernels):
        low[kind, :, : kernel.params.size] = kernel.lower
        high[kind, :, : kernel.params.size] = kernel.upper
    kinds = [member.kind for member in members]
    return low[kinds].reshape(len(kinds), -1), high[kinds].reshape(len(kinds), -1)


def points(
    members: Sequence[Member],
    sizes: Sizes,
    dimension: int,
    dtype: np.dtype[Any],
    of: Callable[[Dataset], tuple[NDArray[Any], NDArray[Any]]],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Inputs (members, rows, dimension) and targets (members, rows) of one part of the data."""
    parts = [of(cached_dataset(m.task, m.seed, sizes, dtype)) for m in members]
    inputs = np.zeros((len(members), len(parts[0][1]), dimension), dtype)
    for matrix, (x, _) in zip(inputs, parts, strict=True):
        matrix[:, : x.shape[1]] = x
    return inputs, np.array([y for _, y in parts])
