"""A kernel that can be called on memory: compiled once, run whole or in parts by several threads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from actdsl.backends.native.build import built
from actdsl.backends.native.builtin import builtin
from actdsl.backends.native.layout import A, Views
from actdsl.backends.native.pool import share_out
from actdsl.backends.native.sweep import PART, Doubles, Sweep
from actdsl.backends.runtime.extents import extents
from actdsl.backends.schedule import Kernel, cost

ITEM_SIZE = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
"""Bytes of an element, by the name of its type."""

_WORK = 2**20
"""Weighted FLOPs that are worth a thread: tens of microseconds, several times what a thread costs."""
_TRAFFIC = 8
_TURNS = 4
"""Parts for each thread, so that one that is held up leaves its work to the others."""


class Launcher:
    """One kernel for one type of element.

    Attributes:
        flat: the strides of arrays that are one row.
        summed: where among its operands those parameters are whose gradients its sums are.
        alone: from how many elements on a call is shared out, to threads or in parts.
    """

    def __init__(self, kernel: Kernel, dtype: str) -> None:
        """Compile it, or load it from the disk.

        Args:
            kernel: what is computed.
            dtype: ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        """
        self.kernel, self._item = kernel, ITEM_SIZE[dtype]
        self.maps = kernel.maps
        self.inputs, self.outputs = len(kernel.inputs), len(kernel.outputs)
        moving = self.inputs + self.outputs
        self.flat = (0,) * moving
        operands = self.inputs + len(kernel.params)
        self.summed = slice(operands - len(kernel.sums), operands)
        if self.maps:
            numbers, pointers = 2 + moving, moving + len(kernel.params)
            self.call = builtin(built(kernel, dtype), numbers + pointers)
        else:
            self._sweep = Sweep(kernel, dtype, self._item)
        self._work = _TRAFFIC + work(kernel)
        self.alone = 2 * _WORK // self._work
        if not self.maps:
            self.alone = min(self.alone, PART)

    def at_once(
        self, shape: Sequence[int], size: int, pointers: Sequence[int]
    ) -> Sequence[Doubles]:
        """Run the kernel over contiguous elements in one call; its sums, and what it finds.

        ``size``: of the shape, fewer than ``alone``. ``pointers``: to the inputs, the parameters,
        what is known, and the outputs.
        """
        if self.maps:
            self.call(1, size, *self.flat, *pointers)
            return ()
        return self._sweep.at_once(extents(shape), pointers)

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
        workers = self._workers(rows * size, threads)
        if workers < 2:
            self.call(rows, size, *strides, *pointers)
            return
        strides = [stride * self._item for stride in strides]
        across = rows if rows > 1 else size
        steps = strides if rows > 1 else [self._item] * len(strides)
        inputs, fixed = self.inputs, len(pointers) - self.outputs
        tasks = []
        for start, stop in _ranges(across, _TURNS * workers):
            moved = [
                pointer + start * steps[k if k < inputs else k - fixed + inputs]
                if k < inputs or k >= fixed
                else pointer
                for k, pointer in enumerate(pointers)
            ]
            extent = (stop - start, size) if rows > 1 else (1, stop - start)
            tasks.append(partial(self.call, *extent, *(s // self._item for s in strides), *moved))
        share_out(tasks, workers)

    def fill(
        self,
        views: Views[A],
        shape: Sequence[int],
        inputs: Sequence[A],
        others: Sequence[A],
        outputs: Sequence[A],
        threads: int,
    ) -> Sequence[Doubles]:
        """Run the kernel on arrays of a shape, however they lie; its sums, and what it finds.

        ``others``: parameters and what is known, in C order.
        """
        if self.maps and (place := views.rows(shape, [*inputs, *outputs])) is not None:
            pointers = [*map(views.pointer, (*inputs, *others, *outputs))]
            self.map(*place, pointers, threads)
            return ()
        compact = [*map(views.compact, (*inputs, *outputs))]
        written = compact[self.inputs :]
        pointers = [*map(views.pointer, (*compact[: self.inputs], *others, *written))]
        results = self._over(shape, pointers, threads)
        for target, result in zip(outputs, written, strict=True):
            if target is not result:
                views.copy(target, result)
        return results

    def _over(
        self, shape: Sequence[int], pointers: Sequence[int], threads: int
    ) -> Sequence[Doubles]:
        """Run the kernel over contiguous arrays."""
        size = math.prod(shape)
        if self.maps:
            self.map(1, size, self.flat, pointers, threads)
            return ()
        return self._sweep.run(extents(shape), pointers, self._workers(size, threads))

    def _workers(self, size: int, threads: int) -> int:
        return max(1, min(threads, size * self._work // _WORK))


def work(kernel: Kernel) -> int:
    """Weighted FLOPs of a kernel at one element."""
    return cost((*kernel.roots, *kernel.found), kernel.known)


def _ranges(count: int, parts: int) -> list[tuple[int, int]]:
    """Split a count into parts of nearly one size, which begin at multiples of 64 if they can."""
    size = -(-count // parts)
    size = -(-size // 64) * 64 if size > 64 else size
    return [(start, min(start + size, count)) for start in range(0, count, size)]
