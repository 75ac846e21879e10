"""Rows for contextual operators: statistics of the tensor, and the shift along its features.

Their attribute is an axis (``all``, ``batch``, ``feature``) or, for shift, a whole number. They
act on whole tensors, so their cells differ from a pointwise operator's: NumPy, torch and jax take
the operand spread to the input's shape; numba and cuda give the step ``accumulator, value ->
accumulator`` of the loop that the skeleton writes around it; mpmath takes a list of numbers
and the attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath as mp
import numpy as np

from actdsl.ops.row import ONE_REAL, Family, Op, Unsupported

_FAMILY = Family.CONTEXTUAL
_LOWERED = Unsupported("lower.py writes it with mean before a target sees it")
_BY_SKELETON = Unsupported(
    "not an expression: the kernel's skeleton stores the operand, then reads it moved"
)

AXES = ("all", "batch", "feature")


Array = np.ndarray[Any, np.dtype[Any]]


def _over(reduce: Callable[..., Array], a: Array, axis: str) -> Array:
    """A statistic in a shape that broadcasts against its operand's; a vector is a batch of one."""
    if axis == "batch" and a.ndim < 2:
        a = a[np.newaxis]
        return reduce(a, axis=0)
    return reduce(a, axis={"all": None, "batch": 0, "feature": -1}[axis], keepdims=True)


ROWS = (
    Op(
        name="mean", family=_FAMILY, doc="Mean of the whole tensor, or over batch or feature.",
        operands=ONE_REAL, cost=1, partials=None, contextual=True,
        numpy=partial(_over, np.mean),
        mpmath=lambda values, _: mp.fsum(values) / len(values),
        torch="mean({0}, {axis})", numba="{0} + {1}", cuda="{0} + {1}", jax="mean({0}, {axis})",
        latex=r"\operatorname{{mean}}\left({0}\right)",
    ),
    Op(
        name="var", family=_FAMILY, operands=ONE_REAL, cost=3, partials=None, contextual=True,
        doc="Variance (divided by n) of the whole tensor, or over batch or feature.",
        numpy=partial(_over, np.var),
        mpmath=lambda values, _: _variance(values),
        torch=_LOWERED, numba=_LOWERED, cuda=_LOWERED, jax=_LOWERED,
        latex=r"\operatorname{{var}}\left({0}\right)",
    ),
    Op(
        name="std", family=_FAMILY, operands=ONE_REAL, cost=3, partials=None, contextual=True,
        doc="Standard deviation (divided by n) of the whole tensor, or over batch or feature.",
        kinks="0, where the derivative is taken as 0",
        numpy=partial(_over, np.std),
        mpmath=lambda values, _: mp.sqrt(_variance(values)),
        torch=_LOWERED, numba=_LOWERED, cuda=_LOWERED, jax=_LOWERED,
        latex=r"\operatorname{{std}}\left({0}\right)",
    ),
    Op(
        name="amin", family=_FAMILY, operands=ONE_REAL, cost=1, partials=None, contextual=True,
        doc="Least value of the whole tensor, or over batch or feature.",
        kinks="ties, which share the derivative evenly",
        numpy=partial(_over, np.min), mpmath=lambda values, _: _extreme(min, values),
        torch="amin({0}, {axis})", numba="({0} if ({0} < {1} or {0} != {0}) else {1})",
        cuda="({0} if ({0} < {1} or {0} != {0}) else {1})", jax="amin({0}, {axis})",
        latex=r"\min_{{i}}\left({0}\right)",
    ),
    Op(
        name="amax", family=_FAMILY, operands=ONE_REAL, cost=1, partials=None, contextual=True,
        doc="Greatest value of the whole tensor, or over batch or feature.",
        kinks="ties, which share the derivative evenly",
        numpy=partial(_over, np.max), mpmath=lambda values, _: _extreme(max, values),
        torch="amax({0}, {axis})", numba="({0} if ({0} > {1} or {0} != {0}) else {1})",
        cuda="({0} if ({0} > {1} or {0} != {0}) else {1})", jax="amax({0}, {axis})",
        latex=r"\max_{{i}}\left({0}\right)",
    ),
    Op(
        name="shift", family=_FAMILY, operands=ONE_REAL, cost=1, partials=None, contextual=True,
        doc="x moved k places up the feature axis; zeros come in where it moved from.",
        numpy=lambda a, k: _shifted(a, k), mpmath=lambda values, k: _moved(values, k),
        torch="shift({0}, {axis})", numba=_BY_SKELETON, cuda=_BY_SKELETON,
        jax="shift({0}, {axis})",
        latex=r"\operatorname{{shift}}\left({0}\right)",
    ),
)  # fmt: skip


def _variance(values: list[mp.mpf]) -> mp.mpf:
    centre = mp.fsum(values) / len(values)
    return mp.fsum((v - centre) ** 2 for v in values) / len(values)


def _extreme(choose: Callable[..., mp.mpf], values: list[mp.mpf]) -> mp.mpf:
    return mp.nan if any(map(mp.isnan, values)) else choose(values)


def _moved(values: list[mp.mpf], k: int) -> list[mp.mpf]:
    zeros = [mp.mpf(0)] * min(abs(k), len(values))
    return [*zeros, *values[: len(values) - k]] if k >= 0 else [*values[-k:], *zeros]


def _shifted(a: Array, k: int) -> Array:
    moved = np.zeros_like(a)
    width = a.shape[-1]
    if abs(k) < width:
        moved[..., max(k, 0) : width + min(k, 0)] = a[..., max(-k, 0) : width - max(k, 0)]
    return moved
