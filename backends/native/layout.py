"""How arrays of one shape lie in memory, and how a kernel can go over them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

Rows = tuple[int, int, tuple[int, ...]]
"""Rows, elements of a row, and from row to row the stride of each array in elements."""


A = TypeVar("A")


@dataclass(frozen=True)
class Views(Generic[A]):
    """What a library's arrays are asked before a kernel goes over them.

    Attributes:
        pointer: to the first element.
        strides: in elements; None if they are not whole ones.
        compact: the array in C order, itself where it is.
        copy: into the first array, from the second.
    """

    pointer: Callable[[A], int]
    strides: Callable[[A], Sequence[int] | None]
    compact: Callable[[A], A]
    copy: Callable[[A, A], object]

    def rows(self, shape: Sequence[int], arrays: Sequence[A]) -> Rows | None:
        """One set of rows for all the arrays, if there is one without copying any."""
        strides = [own for array in arrays if (own := self.strides(array)) is not None]
        return rows(shape, strides) if len(strides) == len(arrays) else None


def rows(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> Rows | None:
    """One set of rows for all the arrays, if there is one without copying any.

    Args:
        shape: of every array.
        strides: of each array, in elements.
    """
    axes = [axis for axis, size in enumerate(shape) if size != 1]
    alike = all(own[axis] == strides[0][axis] for own in strides for axis in axes)
    if alike and _dense(shape, strides[0]):
        return 1, math.prod(shape), (0,) * len(strides)
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


def address(array: NDArray[Any]) -> int:
    """Of an array's first element."""
    try:  # four times as fast, where an array lets itself be seen as a buffer that may be written
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return int(array.__array_interface__["data"][0])
