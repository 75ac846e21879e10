"""Which arithmetic a kernel computes in: float32 where that is accurate enough, else float64.

In float32 a vector holds twice as many numbers. What it costs in accuracy depends on the formula: a
sigmoid loses nothing that shows; the tail of GELU hundreds of units in the last place, unless
the argument of its exponential is kept as two numbers; and near the zero of a derivative nothing may be
left. So each kernel is tried on arguments of every size, as it is and with such arguments: its
formula in float64, against the same formula with every result rounded to float32, and those of
functions like exp, which err by more than rounding, to the neighbour of the nearest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from actdsl.backends import vecmath
from actdsl.backends.emit import Dialect
from actdsl.backends.native import compensation, contraction
from actdsl.backends.native.compensation import compensated, to_single, transcendental
from actdsl.backends.native.contraction import contracted
from actdsl.backends.schedule import Kernel
from actdsl.backends.targets import numba
from actdsl.evaluate import Array, evaluate
from actdsl.ir import Node

FUNCTIONS = numba.FUNCTIONS | vecmath.SINGLE | vecmath.SUMS
"""Names of the vector functions that a kernel may call."""

_CELLS = {**contraction.CELLS, **compensation.CELLS}
_MEANINGS = {**contraction.MEANINGS, **compensation.MEANINGS}
_SINGLE = replace(numba.spelled("f", real="np.float32"), own=_CELLS)

_BUDGET = {"float32": 4.0, "float16": 2.0**9, "bfloat16": 2.0**12}
"""Units in the last place of float32 that a result may be off; of a half, a sixteenth of its own."""

_SMALL = 1e-30
"""Results below this count as if they were this large: what is left of them is next to nothing."""

_USUAL = np.linspace(-20.0137, 20.0137, 2561).astype(np.float32).astype(np.float64)
_CLOSE = np.linspace(0.00137, 5.00137, 1281)  # where functions have their zeros
_SIZES = np.concatenate([_USUAL[1280:], _CLOSE, np.geomspace(1e-42, 1e38, 639), [np.inf]])
_LINE = np.concatenate([_SIZES, -_SIZES, [np.nan]]).astype(np.float32).astype(np.float64)
_ELSEWHERE = 1.0830078125
"""What a parameter's initial value, which may be a round number, is multiplied with for a second try."""


def spelled(kernel: Kernel, dtype: str) -> tuple[Kernel, Dialect]:
    """A kernel for arrays of a type as it is computed, and how that is written."""
    single = in_single(kernel, dtype)
    if single is not None:
        return single, _SINGLE
    return contracted(kernel), replace(numba.dialect(dtype), own=_CELLS)


@lru_cache(maxsize=1024)
def in_single(kernel: Kernel, dtype: str) -> Kernel | None:
    """A kernel for arrays of a type as it is computed in float32; None if it is not.

    Statistics never are: sums over a tensor need more than float32 holds.
    """
    if dtype == "float64" or kernel.known or kernel.collectives:
        return None
    plain = contracted(kernel)
    if kernel.fast or _accurate(plain, kernel, _BUDGET[dtype]):
        return plain
    careful = compensated(plain)
    return careful if careful != plain and _accurate(careful, kernel, _BUDGET[dtype]) else None


def _accurate(kernel: Kernel, exact: Kernel, budget: float) -> bool:
    """Whether a kernel with every value rounded gives what another gives in float64."""
    return all(
        _within(
            budget,
            evaluate(wanted, inputs, params)[wanted],
            evaluate(root, inputs, params, _in_single, _MEANINGS)[root],
        )
        for inputs in _arguments(kernel)
        for params in _parameters(kernel)
        for root, wanted in zip(kernel.roots, exact.roots, strict=True)
    )


def _arguments(kernel: Kernel) -> Iterator[dict[str, Array]]:
    """Each input in turn of every size, the others of the usual ones in random order."""
    generator = np.random.default_rng(0)
    usual = np.resize(_USUAL, _LINE.shape)
    for one in kernel.inputs:
        yield {n: _LINE if n == one else generator.permutation(usual) for n in kernel.inputs}


def _parameters(kernel: Kernel) -> Iterator[dict[str, float]]:
    initial = {spec.name: spec.initial for spec in kernel.params}
    yield initial
    if initial:
        yield {name: value * _ELSEWHERE for name, value in initial.items()}


def _in_single(current: Node, value: Array) -> Array:
    nearest = to_single(value)
    if not transcendental(current.op):
        return nearest
    up = np.nextafter(nearest.astype(np.float32), np.float32(np.inf)).astype(np.float64)
    return np.where(nearest == value, nearest, up)


def _within(budget: float, exact: Array, rounded: Array) -> bool:
    nearest = to_single(exact)
    with np.errstate(all="ignore"):
        alike = (rounded == nearest) | (np.isnan(rounded) & np.isnan(nearest))
        unit = np.spacing(np.maximum(np.abs(nearest), _SMALL).astype(np.float32))
        close = np.abs(rounded - exact) <= budget * unit.astype(np.float64)
    return bool(np.all(alike | close))
