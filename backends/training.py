"""An activation of a matrix, and its pullback, as calls that a native training loop makes by itself.

A call is a row of 64-bit words: the address of a *spreader*, that of a kernel, the kernel's
arguments. ``spreader(&row[1])`` calls the kernel with them. So a loop in machine code runs any
kernel, whatever it takes, and is compiled once for all of them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.build import built
from actdsl.backends.native.code import address, machine_code
from actdsl.backends.schedule import Kernel, saving
from actdsl.program import Program

Array = NDArray[Any]

_WORTH_SAVING = 2
"""Weighted FLOPs that are worth a matrix, which a layer as small as the lab's keeps in the cache."""


@dataclass(frozen=True)
class Calls:
    """A layer's two calls, and what passes between them, which lives as long as they do."""

    joint: NDArray[np.int64]
    pullback: NDArray[np.int64]
    between: tuple[Array, ...]


class Layer:
    """One activation for matrices of one type, float32 or float64, compiled or from the disk.

    Matrices are (rows, features), everything is contiguous. ``params`` holds all parameters in
    order, one number or one per feature. Elements of float32 are computed in float32, as in any
    library that a network is trained with; statistics in float64.
    """

    def __init__(self, program: Program, dtype: str) -> None:
        """Compile.

        Raises:
            ValueError: the program has more than one input.
        """
        if len(program.inputs) != 1:
            raise ValueError(
                f"{program.name} takes {len(program.inputs)} inputs; a network layer has one"
            )
        self.program = program
        self._joint, self._pullback = (
            replace(kernel, fast=True) for kernel in saving(program, _WORTH_SAVING)
        )
        self._addresses = [built(kernel, dtype) for kernel in (self._joint, self._pullback)]

    def calls(
        self, x: Array, params: Array, y: Array, cotangent: Array, dx: Array, dparams: Array
    ) -> Calls:
        """The calls for some arrays, whose memory must stay where it is.

        ``joint`` writes the activation of ``x`` to ``y``. ``pullback``, after it, writes from the
        ``cotangent`` of ``y`` the gradients ``dx`` and ``dparams``; the latter is float64.
        """
        features = x.shape[1]
        first, second = self._joint, self._pullback
        slopes = [np.empty_like(x) for _ in first.outputs[1:]]
        found = [np.empty(x.size) for _ in first.found]  # no statistic has more values than that
        saved = dict(zip(second.inputs[1:], slopes, strict=False))
        parts = self._parts(params, features)
        joint = [_at(x), *parts, _at(y), *map(_at, slopes), *map(_at, found)]
        read = [saved.get(name, x) for name in second.inputs[1:]]
        sums = self._parts(dparams, features)
        pullback = [_at(cotangent), *map(_at, read), *parts, *map(_at, found), _at(dx), *sums]
        return Calls(
            _call(self._addresses[0], first, x, joint),
            _call(self._addresses[1], second, x, pullback),
            (*slopes, *found),
        )

    def _parts(self, vector: Array, features: int) -> list[int]:
        """Where each parameter begins in a vector that holds them all."""
        sizes = [features if p.per_channel else 1 for p in self.program.params]
        return [_at(vector) + sum(sizes[:k]) * vector.itemsize for k in range(len(sizes))]


def make(call: Array) -> None:
    """Make a call from Python."""
    spread = ctypes.CFUNCTYPE(None, ctypes.c_int64)(int(call[0]))
    spread(_at(call) + call.itemsize)


def _call(kernel_address: int, kernel: Kernel, x: Array, pointers: Sequence[int]) -> Array:
    """The words of a call for whole matrices like ``x``."""
    rows, features = x.shape
    if kernel.maps:
        extents = [1, x.size] + [0] * (len(kernel.inputs) + len(kernel.outputs))
    else:
        extents = [rows, 1, features] if kernel.shaped else [x.size]
    arguments = [*extents, *pointers]
    return np.array([_spreader(len(arguments)), kernel_address, *arguments], np.int64)


def _at(array: Array) -> int:
    pointer: int = array.__array_interface__["data"][0]
    return pointer


@cache
def _spreader(count: int) -> int:
    """The address of a function that calls its first word with the ``count`` words after it."""
    lines = [
        f"%p{k} = getelementptr i64, ptr %words, i64 {k}\n%w{k} = load i64, ptr %p{k}"
        for k in range(count + 1)
    ]
    arguments = ", ".join(f"i64 %w{k}" for k in range(1, count + 1))
    lines += ["%kernel = inttoptr i64 %w0 to ptr", f"call void %kernel({arguments})", "ret void"]
    text = "define void @spread(ptr %words) {\n" + "\n".join(lines) + "\n}\n"
    return address(machine_code(text), "spread")
