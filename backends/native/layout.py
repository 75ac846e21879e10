"""How arrays of one shape lie in memory, as a kernel that maps elements can go over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Rows = tuple[int, int, tuple[int, ...]]
"""Rows, elements of a row, and from row to row the stride of each array in elements."""


def rows(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> Rows | None:
    """One set of rows for all the arrays, if there is one without copying any.

    Args:
        shape: of every array.
        strides: of each array, in elements.
    """
    if all(own == strides[0] for own in strides) and _dense(shape, strides[0]):
        return 1, math.prod(shape), (0,) * len(strides)
    axes = [axis for axis, size in enumerate(shape) if size != 1]
    if any(own[axes[-1]] != 1 for own in strides):
        return None
    # From the last axis on, join axes that follow each other in every array.
    split = len(axes) - 1
    while split and all(_joined(own, shape, axes[split - 1], axes[split]) for own in strides):
        split -= 1
    outer = axes[:split]
    if not all(_joined(own, shape, a, b) for a, b in pairwise(outer) for own in strides):
        return None
    size = math.prod(shape[axis] for axis in axes[split:])
    count = math.prod(shape[axis] for axis in outer)
    return count, size, tuple(own[outer[-1]] if outer else 0 for own in strides)


def _joined(strides: Sequence[int], shape: Sequence[int], outer: int, inner: int) -> bool:
    """Whether one step along an axis is as far as the whole of the next."""
    return strides[outer] == strides[inner] * shape[inner]


def _dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether an array fills a stretch of memory, in whatever order of its axes."""
    expected = 1
    for stride, size in sorted(zip(strides, shape, strict=True)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True
