"""Rows for functions made of pieces: rectifiers, bounds and rounding."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from actdsl.ir import REAL, Node
from actdsl.ops.functions import both, equal, where
from actdsl.ops.row import ONE_REAL, TWO_REALS, Family, Op, by_sympy

_FAMILY = Family.PIECEWISE


def _tie(wins: Node, a: Node, b: Node) -> Node:
    """1 where a wins, and half each at a tie, as torch's minimum and maximum share it."""
    return where(equal(a, b), 0.5, where(wins, 1.0, 0.0))


def _inside(x: Node, low: Node, high: Node) -> Node:
    return both(x >= low, x <= high)


ROWS = (
    Op(
        name="relu", family=_FAMILY, doc="max(x, 0).", operands=ONE_REAL, cost=1,
        partials=lambda a, y: (where(a > 0.0, 1.0, 0.0),),
        kinks="0, where the derivative is taken as 0",
        numpy=lambda a: np.maximum(a, 0), mpmath=lambda a: a if a > 0 or mp.isnan(a) else mp.mpf(0),
        sympy=lambda a: by_sympy("Max")(a, 0),
        torch="torch.relu({0})", numba="({0} if ({0} > 0.0 or {0} != {0}) else 0.0)",
        cuda="({0} if ({0} > real(0.0) or {0} != {0}) else real(0.0))", jax="jax.nn.relu({0})",
        latex=r"\max\left({0}, 0\right)",
    ),
    Op(
        name="min", family=_FAMILY, doc="The smaller; NaN if either is NaN.", operands=TWO_REALS,
        cost=1, variadic=True, partials=lambda a, b, y: (_tie(a < b, a, b), _tie(b < a, a, b)),
        kinks="ties, where each operand gets half",
        numpy=np.minimum, mpmath=lambda a, b: _first(a, b, a < b), sympy=by_sympy("Min"),
        torch="torch.minimum({0}, {1})", numba="({0} if ({0} < {1} or {0} != {0}) else {1})",
        cuda="({0} if ({0} < {1} or {0} != {0}) else {1})", jax="jnp.minimum({0}, {1})",
        latex=r"\min\left({0}, {1}\right)",
    ),
    Op(
        name="max", family=_FAMILY, doc="The larger; NaN if either is NaN.", operands=TWO_REALS,
        cost=1, variadic=True, partials=lambda a, b, y: (_tie(a > b, a, b), _tie(b > a, a, b)),
        kinks="ties, where each operand gets half",
        numpy=np.maximum, mpmath=lambda a, b: _first(a, b, a > b), sympy=by_sympy("Max"),
        torch="torch.maximum({0}, {1})", numba="({0} if ({0} > {1} or {0} != {0}) else {1})",
        cuda="({0} if ({0} > {1} or {0} != {0}) else {1})", jax="jnp.maximum({0}, {1})",
        latex=r"\max\left({0}, {1}\right)",
    ),
    Op(
        name="clip", family=_FAMILY, doc="x held between a lower and an upper bound.",
        operands=(REAL, REAL, REAL), cost=2,
        partials=lambda x, low, high, y: (
            where(_inside(x, low, high), 1.0, 0.0),
            where(both(x < low, low < high), 1.0, 0.0),
            where(x > high, 1.0, where(low > high, 1.0, 0.0)),
        ),
        kinks="the bounds, where the derivative is taken as 1",
        numpy=np.clip, mpmath=lambda x, low, high: _clipped(x, low, high),
        sympy=lambda x, low, high: by_sympy("Min")(by_sympy("Max")(x, low), high),
        torch="torch.minimum(torch.maximum({0}, {1}), {2})",
        numba="({1} if {1} != {1} else ({2} if ({0} > {2} or {1} > {2} or {2} != {2}) "
        "else ({1} if {0} < {1} else {0})))",
        cuda="clip({0}, {1}, {2})",
        jax="jnp.clip({0}, {1}, {2})",
        latex=r"\operatorname{{clip}}\left({0}, {1}, {2}\right)",
    ),
    Op(
        name="floor", family=_FAMILY, doc="Rounds down.", operands=ONE_REAL, cost=1, partials=None,
        kinks="the integers, a jump; the derivative is 0 everywhere",
        numpy=np.floor, mpmath=mp.floor, sympy=by_sympy("floor"),
        torch="torch.floor({0})", numba="np.floor({0})", cuda="math.floor({0})", jax="jnp.floor({0})",
        latex=r"\left\lfloor {0} \right\rfloor",
    ),
    Op(
        name="ceil", family=_FAMILY, doc="Rounds up.", operands=ONE_REAL, cost=1, partials=None,
        kinks="the integers, a jump; the derivative is 0 everywhere",
        numpy=np.ceil, mpmath=mp.ceil, sympy=by_sympy("ceiling"),
        torch="torch.ceil({0})", numba="np.ceil({0})", cuda="math.ceil({0})", jax="jnp.ceil({0})",
        latex=r"\left\lceil {0} \right\rceil",
    ),
    Op(
        name="round", family=_FAMILY, doc="Rounds to the nearest integer, ties to even.",
        operands=ONE_REAL, cost=1, partials=None,
        kinks="the half-integers, a jump; the derivative is 0 everywhere",
        numpy=np.round, mpmath=mp.nint,
        torch="torch.round({0})", numba="np.rint({0})", cuda="rint({0})",
        jax="jnp.round({0})",
        latex=r"\operatorname{{round}}\left({0}\right)",
    ),
    Op(
        name="stopgrad", family=_FAMILY, doc="x, taken as a constant by the derivative.",
        operands=ONE_REAL, cost=0, partials=None,
        numpy=lambda a: a, mpmath=lambda a: a,
        torch="{0}.detach()", numba="{0}", cuda="{0}", jax="jax.lax.stop_gradient({0})",
        latex=r"\operatorname{{stopgrad}}\left({0}\right)",
    ),
)  # fmt: skip


def _clipped(x: mp.mpf, low: mp.mpf, high: mp.mpf) -> mp.mpf:
    return mp.nan if any(map(mp.isnan, (x, low, high))) else min(max(x, low), high)


def _first(a: mp.mpf, b: mp.mpf, a_wins: bool) -> mp.mpf:
    return a if a_wins or mp.isnan(a) else b
