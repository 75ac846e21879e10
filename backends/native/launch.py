"""A kernel that can be called on memory: compiled once, run whole or in parts by several threads."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.build import built
from actdsl.backends.native.pool import run_all
from actdsl.backends.runtime.extents import extents
from actdsl.backends.schedule import Kernel
from actdsl.ir import topological
from actdsl.ops import TABLE

ITEM_SIZE = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
"""Bytes of an element, by the name of its type."""

_CHUNK = 2**16
"""Elements whose shares of a sum are added up together; the same for any number of threads."""
_WORK = 2**20
"""Weighted FLOPs that are worth a thread: tens of microseconds, several times what a thread costs."""
_TRAFFIC = 8


class Launcher:
    """One kernel for one type of element.

    Attributes:
        flat: the strides of arrays that are one row.
        unary: whether it maps the elements of one tensor, and takes nothing else.
        alone: from how many elements on a second thread is worth having.
    """

    def __init__(self, kernel: Kernel, dtype: str) -> None:
        """Compile it, or load it from the disk.

        Args:
            kernel: what is computed.
            dtype: ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        """
        self.kernel, self._item = kernel, ITEM_SIZE[dtype]
        self.inputs, self.outputs = len(kernel.inputs), len(kernel.outputs)
        moving = self.inputs + self.outputs
        numbers = 2 + moving if kernel.maps else 3 if kernel.shaped else 1
        pointers = moving + len(kernel.params) + len(kernel.sums)
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * numbers, *[ctypes.c_void_p] * pointers)
        self.call = kind(built(kernel, dtype))
        self.flat = (0,) * moving
        self._work = _TRAFFIC + work(kernel)
        self.unary = kernel.maps and self.inputs == 1 and not kernel.params
        self.alone = 2 * _WORK // self._work

    def map(
        self,
        rows: int,
        size: int,
        strides: Sequence[int],
        pointers: Sequence[int],
        threads: int,
    ) -> None:
        """Run a kernel that maps elements over rows of ``size`` elements.

        ``strides``: from row to row, in elements, of each input and output. ``pointers``: to the
        inputs, the parameters and the outputs.
        """
        parts = min(threads, rows * size * self._work // _WORK)
        if parts < 2:
            self.call(rows, size, *strides, *pointers)
            return
        strides = [stride * self._item for stride in strides]
        across = rows if rows > 1 else size
        steps = strides if rows > 1 else [self._item] * len(strides)
        inputs, fixed = self.inputs, len(pointers) - self.outputs
        tasks = []
        for start, stop in _ranges(across, parts):
            moved = [
                pointer + start * steps[k if k < inputs else k - fixed + inputs]
                if k < inputs or k >= fixed
                else pointer
                for k, pointer in enumerate(pointers)
            ]
            extent = (stop - start, size) if rows > 1 else (1, stop - start)
            tasks.append(partial(self.call, *extent, *(s // self._item for s in strides), *moved))
        run_all(tasks)

    def whole(
        self, shape: Sequence[int], pointers: Sequence[int], threads: int
    ) -> list[NDArray[np.float64]]:
        """Run the kernel over contiguous tensors of a shape, whichever way it goes; its sums."""
        if self.kernel.maps:
            self.map(1, math.prod(shape), self.flat, pointers, threads)
            return []
        return self.sweep(extents(shape), pointers, threads)

    def sweep(
        self, sizes: tuple[int, int, int], pointers: Sequence[int], threads: int
    ) -> list[NDArray[np.float64]]:
        """Run any other kernel over contiguous tensors of (batch, middle, features) elements.

        ``pointers``: to the inputs, the parameters and the outputs. Returns the sums: one number,
        or one per feature.
        """
        batch, middle, features = sizes
        rows, size = batch * middle, batch * middle * features
        summed = self.kernel.params[len(self.kernel.params) - len(self.kernel.sums) :]
        widths = [features if spec.per_channel else 1 for spec in summed]
        if self.kernel.collectives:
            parts = [(0, rows)]
        elif self.kernel.shaped:
            parts = _blocks(rows, max(1, _CHUNK // max(features, 1)))
        else:
            parts, features = _blocks(size, _CHUNK), 1
        sums = [np.zeros((len(parts), width)) for width in widths]
        tasks = []
        for number, (start, stop) in enumerate(parts):
            if self.kernel.collectives:
                extent = sizes if self.kernel.shaped else (size,)
            else:
                extent = (stop - start, 1, features) if self.kernel.shaped else (stop - start,)
            offset = start * features * self._item
            fixed = len(pointers) - self.outputs
            moved = [
                pointer + offset if k < self.inputs or k >= fixed else pointer
                for k, pointer in enumerate(pointers)
            ]
            into = [a.ctypes.data + number * a.strides[0] for a in sums]
            tasks.append(partial(self.call, *extent, *moved, *into))
        workers = max(1, min(threads, size * self._work // _WORK))
        run_all([partial(_one_by_one, tasks[k::workers]) for k in range(workers)])
        return [array.sum(axis=0) for array in sums]


def work(kernel: Kernel) -> int:
    """Weighted FLOPs of a kernel at one element."""
    return sum(TABLE[n.op].cost for n in topological(kernel.roots) if n.op in TABLE)


def _ranges(count: int, parts: int) -> list[tuple[int, int]]:
    """Split a count into parts of nearly one size, which begin at multiples of 64 if they can."""
    size = -(-count // parts)
    return _blocks(count, -(-size // 64) * 64 if size > 64 else size)


def _blocks(count: int, size: int) -> list[tuple[int, int]]:
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def _one_by_one(tasks: Sequence[Callable[[], None]]) -> None:
    for task in tasks:
        task()
