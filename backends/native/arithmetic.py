"""Which arithmetic a kernel computes in: float32 where that is accurate enough, else float64.

In float32 a vector holds twice as many numbers. What it costs in accuracy depends on the formula: a
sigmoid loses nothing that shows, the tail of GELU hundreds of units in the last place, and near
the zero of a derivative nothing may be left. So each kernel is tried on arguments of every size: its
formula in float64, against the same formula with every result rounded to float32, and those of
functions like exp, which err by more than rounding, to the neighbour of the nearest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from actdsl.backends import vecmath
from actdsl.backends.emit import Dialect
from actdsl.backends.schedule import Kernel
from actdsl.backends.targets import numba
from actdsl.evaluate import Array, evaluate
from actdsl.ir import Node
from actdsl.ops import TABLE

FUNCTIONS = numba.FUNCTIONS | vecmath.SINGLE
"""Names of the vector functions that a kernel may call."""

_SINGLE = numba.spelled("f", real="np.float32")

_BUDGET = {"float32": 4.0, "float16": 2.0**9, "bfloat16": 2.0**12}
"""Units in the last place of float32 that a result may be off; of a half, a sixteenth of its own."""

_SMALL = 1e-30
"""Results below this count as if they were this large: what is left of them is next to nothing."""

_USUAL = np.linspace(-20.0137, 20.0137, 2561).astype(np.float32).astype(np.float64)
_SIZES = np.concatenate([_USUAL[1280:], np.geomspace(1e-42, 1e38, 639), [np.inf]])
_LINE = np.concatenate([_SIZES, -_SIZES, [np.nan]]).astype(np.float32).astype(np.float64)
_ELSEWHERE = 1.0830078125
"""What a parameter's initial value, which may be a round number, is multiplied with for a second try."""


def dialect(kernel: Kernel, dtype: str) -> Dialect:
    """How a kernel for arrays of a type is spelled: by it the arithmetic is chosen."""
    return _SINGLE if in_single(kernel, dtype) else numba.dialect(dtype)


@lru_cache(maxsize=1024)
def in_single(kernel: Kernel, dtype: str) -> bool:
    """Whether a kernel for arrays of a type computes in float32.

    Statistics never do: sums over a tensor need more than float32 holds.
    """
    if dtype == "float64" or kernel.known or kernel.collectives:
        return False
    return kernel.fast or all(
        _within(_BUDGET[dtype], *_computed(root, inputs, params))
        for inputs in _arguments(kernel)
        for params in _parameters(kernel)
        for root in kernel.roots
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


def _computed(
    root: Node, inputs: Mapping[str, Array], params: Mapping[str, float]
) -> tuple[Array, Array]:
    """A root in float64, and with every value rounded."""
    return evaluate(root, inputs, params)[root], evaluate(root, inputs, params, _in_single)[root]


def _in_single(current: Node, value: Array) -> Array:
    nearest = _to_single(value)
    if current.op not in TABLE or not TABLE[current.op].transcendental:
        return nearest
    up = np.nextafter(nearest.astype(np.float32), np.float32(np.inf)).astype(np.float64)
    return np.where(nearest == value, nearest, up)


def _to_single(value: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(value).astype(np.float32).astype(np.float64)


def _within(budget: float, exact: Array, rounded: Array) -> bool:
    nearest = _to_single(exact)
    with np.errstate(all="ignore"):
        alike = (rounded == nearest) | (np.isnan(rounded) & np.isnan(nearest))
        unit = np.spacing(np.maximum(np.abs(nearest), _SMALL).astype(np.float32))
        close = np.abs(rounded - exact) <= budget * unit.astype(np.float64)
    return bool(np.all(alike | close))
