"""Rows for arithmetic, powers and roots."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from actdsl.ops.functions import equal, floor, log, rsqrt, sign, where
from actdsl.ops.row import ONE_REAL, TWO_REALS, Family, Hazard, Op, by_sympy

_FAMILY = Family.ARITHMETIC

ROWS = (
    Op(
        name="add", symbol="+", family=_FAMILY, doc="Sum.", operands=TWO_REALS, cost=1,
        partials=lambda a, b, y: (1.0, 1.0),
        numpy=np.add, mpmath=lambda a, b: a + b, sympy=lambda a, b: a + b,
        torch="{0} + {1}", numba="{0} + {1}", cuda="{0} + {1}", jax="{0} + {1}",
        latex="{0} + {1}",
    ),
    Op(
        name="sub", symbol="-", family=_FAMILY, doc="Difference.", operands=TWO_REALS, cost=1,
        partials=lambda a, b, y: (1.0, -1.0),
        numpy=np.subtract, mpmath=lambda a, b: a - b, sympy=lambda a, b: a - b,
        torch="{0} - {1}", numba="{0} - {1}", cuda="{0} - {1}", jax="{0} - {1}",
        latex="{0} - {1}",
    ),
    Op(
        name="mul", symbol="*", family=_FAMILY, doc="Product.", operands=TWO_REALS, cost=1,
        partials=lambda a, b, y: (b, a),
        numpy=np.multiply, mpmath=lambda a, b: a * b, sympy=lambda a, b: a * b,
        torch="{0} * {1}", numba="{0} * {1}", cuda="{0} * {1}", jax="{0} * {1}",
        latex=r"{0} \, {1}",
    ),
    Op(
        name="div", symbol="/", family=_FAMILY, doc="Quotient.", operands=TWO_REALS, cost=4,
        partials=lambda a, b, y: (1.0 / b, -y / b),
        hazard=Hazard("division by zero", lambda a, b: b == 0),
        numpy=np.divide, mpmath=lambda a, b: _divide(a, b), sympy=lambda a, b: a / b,
        torch="{0} / {1}", numba="{0} / {1}", cuda="{0} / {1}", jax="{0} / {1}",
        latex=r"\frac{{{0}}}{{{1}}}",
    ),
    Op(
        name="neg", symbol="-", family=_FAMILY, doc="Negation.", operands=ONE_REAL, cost=1,
        partials=lambda a, y: (-1.0,),
        numpy=np.negative, mpmath=lambda a: -a, sympy=lambda a: -a,
        torch="-{0}", numba="-{0}", cuda="-{0}", jax="-{0}",
        latex="-{0}",
    ),
    Op(
        name="pow", symbol="**", family=_FAMILY, operands=TWO_REALS, cost=24, transcendental=True,
        doc="Power; binds tighter than unary minus and to the right. "
        "A negative base with a non-integer exponent is NaN.",
        partials=lambda a, b, y: (
            where(equal(b, 0.0), 0.0, b * a ** (b - 1.0)),
            where(equal(a, 0.0), 0.0, y * log(a)),
        ),
        hazard=Hazard(
            "negative number to a non-integer power, or zero to a negative one",
            lambda a, b: ((a < 0) & (b != np.floor(b))) | ((a == 0) & (b < 0)),
        ),
        numpy=np.power, mpmath=lambda a, b: _power(a, b), sympy=lambda a, b: a**b,
        torch="torch.pow({0}, {1})", numba="pow({0}, {1})", cuda="math.pow({0}, {1})",
        jax="jnp.power({0}, {1})",
        latex="{{{0}}}^{{{1}}}",
    ),
    Op(
        name="abs", family=_FAMILY, doc="Absolute value.", operands=ONE_REAL, cost=1,
        partials=lambda a, y: (sign(a),), kinks="0, where the derivative is taken as 0",
        numpy=np.abs, mpmath=abs, sympy=by_sympy("Abs"),
        torch="torch.abs({0})", numba="abs({0})", cuda="abs({0})", jax="jnp.abs({0})",
        latex=r"\left|{0}\right|",
    ),
    Op(
        name="sign", family=_FAMILY, doc="-1, 0 or 1 by the sign.", operands=ONE_REAL, cost=2,
        partials=None, kinks="0, a jump; the derivative is 0 everywhere",
        numpy=np.sign, mpmath=mp.sign, sympy=by_sympy("sign"),
        torch="torch.where({0} != {0}, {0}, torch.sign({0}))",
        numba="(1.0 if {0} > 0.0 else (-1.0 if {0} < 0.0 else {0}))",
        cuda="(real(1.0) if {0} > real(0.0) else (real(-1.0) if {0} < real(0.0) else {0}))",
        jax="jnp.sign({0})",
        latex=r"\operatorname{{sign}}\left({0}\right)",
    ),
    Op(
        name="sqrt", family=_FAMILY, doc="Square root.", operands=ONE_REAL, cost=4,
        partials=lambda a, y: (0.5 / y,),
        hazard=Hazard("square root of a negative number", lambda a: a < 0),
        numpy=np.sqrt, mpmath=mp.sqrt, sympy=by_sympy("sqrt"),
        torch="torch.sqrt({0})", numba="math.sqrt({0})", cuda="math.sqrt({0})", jax="jnp.sqrt({0})",
        latex=r"\sqrt{{{0}}}",
    ),
    Op(
        name="rsqrt", family=_FAMILY, doc="1 / sqrt(x).", operands=ONE_REAL, cost=4,
        partials=lambda a, y: (-0.5 * rsqrt(a) / a,),
        hazard=Hazard("reciprocal square root of zero or less", lambda a: a <= 0),
        numpy=lambda a: 1 / np.sqrt(a), mpmath=lambda a: _divide(mp.mpf(1), mp.sqrt(a)),
        sympy=lambda a: 1 / by_sympy("sqrt")(a),
        torch="torch.rsqrt({0})", numba="(1.0 / math.sqrt({0}))", cuda="(real(1.0) / math.sqrt({0}))",
        jax="jax.lax.rsqrt({0})",
        latex=r"\frac{{1}}{{\sqrt{{{0}}}}}",
    ),
    Op(
        name="mod", family=_FAMILY, operands=TWO_REALS, cost=6,
        doc="Remainder of floored division: it has the sign of the divisor.",
        partials=lambda a, b, y: (1.0, -floor(a / b)),
        kinks="multiples of the divisor, a jump",
        hazard=Hazard("remainder of a division by zero", lambda a, b: b == 0),
        numpy=np.mod, mpmath=lambda a, b: _remainder(a, b), sympy=by_sympy("Mod"),
        torch="torch.remainder({0}, {1})", numba="({0} % {1})", cuda="mod({0}, {1})",
        jax="jnp.mod({0}, {1})",
        latex=r"{0} \bmod {1}",
    ),
)  # fmt: skip


def _divide(a: mp.mpf, b: mp.mpf) -> mp.mpf:
    if b == 0:
        return mp.nan if a == 0 or mp.isnan(a) else mp.inf * mp.sign(a)
    return a / b


def _power(a: mp.mpf, b: mp.mpf) -> mp.mpf:
    if a == 1 or b == 0:
        return mp.mpf(1)
    if a == 0 and b < 0:
        return mp.inf
    return mp.power(a, b)


def _remainder(a: mp.mpf, b: mp.mpf) -> mp.mpf:
    return mp.nan if b == 0 else a - b * mp.floor(a / b)
