"""Kernels with statistics, sums or places: in one call on few elements, part by part on many.

The parts of a tensor are the same for any number of threads, and what is found in them is put
together in their order, so no result depends on threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.build import built
from actdsl.backends.native.builtin import builtin
from actdsl.backends.native.layout import address
from actdsl.backends.native.pool import share_out
from actdsl.backends.schedule import Kernel, passes
from actdsl.ir import Node

Sizes = tuple[int, int, int]
"""A tensor's extents: batch, middle, features."""
Doubles = NDArray[np.float64]

PART = 2**16
"""Elements whose share of a sum or a statistic is found together."""
_PARTS = 64
"""No more than so many, because a share may be as wide as a row."""
_BYTES = 8
_REDUCTIONS = {"mean": np.add, "amin": np.minimum, "amax": np.maximum}


class Sweep:
    """A kernel over contiguous tensors, all passes of it."""

    def __init__(self, kernel: Kernel, dtype: str, item: int) -> None:
        """``item``: bytes of an element of type ``dtype``."""
        self.kernel, self._dtype, self._item = kernel, dtype, item
        self._call = _entry(kernel, dtype)

    @cached_property
    def _passes(self) -> list[_Pass]:
        return [_Pass(kernel, self._dtype, self._item) for kernel in passes(self.kernel)]

    def run(self, sizes: Sizes, pointers: Sequence[int], workers: int) -> list[Doubles]:
        """Go over tensors of some extents; the kernel's sums, and then what it finds.

        ``pointers``: to the inputs, the parameters, what is known, and the outputs.
        """
        if math.prod(sizes) <= PART:
            return self.at_once(sizes, pointers)
        kernel, cut = self.kernel, len(pointers) - len(self.kernel.outputs)
        given, outputs = pointers[: cut - len(kernel.known)], pointers[cut:]
        held = dict(zip(kernel.known, pointers[len(given) : cut], strict=True))
        made: dict[Node, Doubles] = {}
        results: list[Doubles] = []
        for each in self._passes:
            known = [held[n] for n in each.kernel.known]
            written = outputs if each.kernel.outputs else []
            results = each.run(sizes, [*given, *known, *written], workers)
            made |= zip(each.kernel.found, results, strict=False)
            held |= {n: made[n].ctypes.data for n in each.kernel.found}
        return [*results, *(made[n] for n in kernel.found)]

    def at_once(self, sizes: Sizes, pointers: Sequence[int]) -> list[Doubles]:
        """The same, in one call of the kernel."""
        kernel = self.kernel
        widths = [sizes[2] if spec.per_channel else 1 for spec in kernel.summed]
        widths += [_groups(n, sizes) for n in kernel.found]
        results = [np.empty(width) for width in widths]
        extents = sizes if kernel.shaped else (math.prod(sizes),)
        self._call(*extents, *pointers, *map(address, results))
        return results


class _Pass:
    """One pass of a kernel, part by part."""

    def __init__(self, kernel: Kernel, dtype: str, item: int) -> None:
        self.kernel, self._item = kernel, item
        self._call = _entry(kernel, dtype)

    def run(self, sizes: Sizes, pointers: Sequence[int], workers: int) -> list[Doubles]:
        """Its sums, or what it finds."""
        kernel, features = self.kernel, sizes[2]
        unit, *inside = self._unit(sizes)
        count = math.prod(sizes) // unit
        units = max(1, PART // unit, -(-count // _PARTS))
        starts = range(0, count, units)

        elements = units * unit
        rows = elements // features
        places = {"all": 0, "batch": 0, "feature": rows}
        known = [places.get(str(n.attr), elements) * _BYTES for n in kernel.known]
        moving = elements * self._item
        strides = [moving] * len(kernel.inputs) + [0] * len(kernel.params) + known
        strides += [moving] * len(kernel.outputs)
        results: list[Doubles] = []
        for width in (features if spec.per_channel else 1 for spec in kernel.summed):
            results.append(np.empty((len(starts), width)))
            strides.append(width * _BYTES)
        for n in kernel.found:
            groups, own = _groups(n, sizes), places.get(str(n.attr), elements)
            results.append(np.empty(groups) if own else np.empty((len(starts), groups)))
            strides.append((own or groups) * _BYTES)
        pointers = [*pointers, *(array.ctypes.data for array in results)]

        tasks = [
            partial(
                self._call,
                min(units, count - start),
                *inside,
                *(p + number * stride for p, stride in zip(pointers, strides, strict=True)),
            )
            for number, start in enumerate(starts)
        ]
        share_out(tasks, workers)
        if kernel.found:
            pairs = zip(kernel.found, results, strict=True)
            return [_together(n, array, math.prod(sizes)) for n, array in pairs]
        return [array.sum(axis=0) for array in results]

    def _unit(self, sizes: Sizes) -> tuple[int, ...]:
        """Elements that stay together, and their extents: one, or a row, or an entry of the batch."""
        _, middle, features = sizes
        if not self.kernel.shaped:
            return (1,)
        if any(n.attr == "batch" for n in (*self.kernel.known, *self.kernel.found)):
            return middle * features, middle, features
        return features, 1, features


def _groups(collective: Node, sizes: Sizes) -> int:
    """How many values of a statistic or a shift there are."""
    batch, middle, features = sizes
    own = {"all": 1, "batch": middle * features, "feature": batch * middle}
    return own.get(str(collective.attr), math.prod(sizes))


def _together(collective: Node, shares: Doubles, size: int) -> Doubles:
    """Its values, from those of the parts."""
    values: Doubles = shares
    if shares.ndim == 2:
        values = _REDUCTIONS[collective.op].reduce(shares, axis=0)
    return values / (size // values.size) if collective.op == "mean" else values


def _entry(kernel: Kernel, dtype: str) -> Callable[..., None]:
    """The compiled kernel: extents, then a pointer for each of its arrays."""
    arrays = len(kernel.inputs) + len(kernel.params) + len(kernel.known)
    arrays += len(kernel.outputs) + len(kernel.sums) + len(kernel.found)
    return builtin(built(kernel, dtype), (3 if kernel.shaped else 1) + arrays)
