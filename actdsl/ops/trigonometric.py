"""Rows for circular and hyperbolic functions."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np

from actdsl.ir import Node, as_node
from actdsl.ops.functions import abs_, cos, cosh, cospi, rsqrt, sech2, sin, sinc, sinh, tanh, where
from actdsl.ops.row import ONE_REAL, Family, Op, by_sympy

_FAMILY = Family.TRIGONOMETRIC


def _sinc_slope(a: Node, y: Node) -> tuple[Node]:
    """The derivative (cos(pi x) - sinc(x)) / x, whose numerator cancels near 0: a series there.

    The series is that of sinc'(x) = sum (-1)^k 2k pi^(2k) x^(2k-1) / (2k+1)!; nine terms hold
    float64 to |x| = 0.25.
    """
    square = a * a
    series = as_node(0.0)
    for k in range(9, 0, -1):
        coefficient = (-1) ** k * 2 * k * math.pi ** (2 * k) / math.factorial(2 * k + 1)
        series = coefficient + square * series if k < 9 else as_node(coefficient)
    return (where(abs_(a) < 0.25, a * series, (cospi(a) - y) / a),)


def _sech2(a: Any) -> Any:
    e = np.exp(-2 * np.abs(a))
    return 4 * e / (1 + e) ** 2


ROWS = (
    Op(
        name="sin", family=_FAMILY, doc="Sine.", operands=ONE_REAL, cost=12, transcendental=True,
        partials=lambda a, y: (cos(a),),
        numpy=np.sin, mpmath=lambda a: mp.sin(a) if mp.isfinite(a) else mp.nan, sympy=by_sympy("sin"),
        torch="torch.sin({0})", numba="sin({0})", cuda="math.sin({0})", jax="jnp.sin({0})",
        latex=r"\sin\left({0}\right)",
    ),
    Op(
        name="cos", family=_FAMILY, doc="Cosine.", operands=ONE_REAL, cost=12, transcendental=True,
        partials=lambda a, y: (-sin(a),),
        numpy=np.cos, mpmath=lambda a: mp.cos(a) if mp.isfinite(a) else mp.nan, sympy=by_sympy("cos"),
        torch="torch.cos({0})", numba="cos({0})", cuda="math.cos({0})", jax="jnp.cos({0})",
        latex=r"\cos\left({0}\right)",
    ),
    Op(
        name="tan", family=_FAMILY, doc="Tangent.", operands=ONE_REAL, cost=18,
        transcendental=True, partials=lambda a, y: (1.0 + y * y,),
        numpy=np.tan, mpmath=lambda a: mp.tan(a) if mp.isfinite(a) else mp.nan, sympy=by_sympy("tan"),
        torch="torch.tan({0})", numba="tan({0})", cuda="math.tan({0})", jax="jnp.tan({0})",
        latex=r"\tan\left({0}\right)",
    ),
    Op(
        name="sinc", family=_FAMILY, doc="sin(pi x) / (pi x), and 1 at 0: the normalised sinc.",
        operands=ONE_REAL, cost=18, transcendental=True, partials=_sinc_slope,
        numpy=np.sinc, mpmath=lambda a: mp.sincpi(a) if mp.isfinite(a) else mp.nan,
        torch="torch.sinc({0})",
        numba="(1.0 if {0} == 0.0 else sinpi({0}) / (3.141592653589793 * {0}))",
        cuda="sinc({0})", jax="jnp.sinc({0})",
        latex=r"\operatorname{{sinc}}\left({0}\right)",
    ),
    Op(
        name="cospi", family=_FAMILY, doc="cos(pi x), its argument reduced exactly.",
        operands=ONE_REAL, cost=13, transcendental=True,
        partials=lambda a, y: (-(math.pi**2) * (a * sinc(a)),),
        numpy=lambda a: np.sin(np.pi * (np.abs(np.remainder(a, 2.0) - 1.0) - 0.5)),
        mpmath=lambda a: mp.cospi(a) if mp.isfinite(a) else mp.nan,
        torch="torch.sin(torch.pi * (torch.abs(torch.remainder({0}, 2.0) - 1.0) - 0.5))",
        numba="cospi({0})", cuda="cospi({0})",
        jax="jnp.sin(jnp.pi * (jnp.abs(jnp.remainder({0}, 2.0) - 1.0) - 0.5))",
        latex=r"\cos\left(\pi {0}\right)",
    ),
    Op(
        name="atan", family=_FAMILY, doc="Arc tangent.", operands=ONE_REAL, cost=14,
        transcendental=True, partials=lambda a, y: (1.0 / (1.0 + a * a),),
        numpy=np.arctan, mpmath=mp.atan, sympy=by_sympy("atan"),
        torch="torch.atan({0})", numba="atan({0})", cuda="math.atan({0})", jax="jnp.arctan({0})",
        latex=r"\arctan\left({0}\right)",
    ),
    Op(
        name="sinh", family=_FAMILY, doc="Hyperbolic sine.", operands=ONE_REAL, cost=14,
        transcendental=True, partials=lambda a, y: (cosh(a),),
        numpy=np.sinh, mpmath=mp.sinh, sympy=by_sympy("sinh"),
        torch="torch.sinh({0})", numba="sinh({0})", cuda="math.sinh({0})", jax="jnp.sinh({0})",
        latex=r"\sinh\left({0}\right)",
    ),
    Op(
        name="cosh", family=_FAMILY, doc="Hyperbolic cosine.", operands=ONE_REAL, cost=14,
        transcendental=True, partials=lambda a, y: (sinh(a),),
        numpy=np.cosh, mpmath=mp.cosh, sympy=by_sympy("cosh"),
        torch="torch.cosh({0})", numba="cosh({0})", cuda="math.cosh({0})", jax="jnp.cosh({0})",
        latex=r"\cosh\left({0}\right)",
    ),
    Op(
        name="tanh", family=_FAMILY, doc="Hyperbolic tangent.", operands=ONE_REAL, cost=14,
        transcendental=True,
        partials=lambda a, y: (sech2(a),),  # 1 - tanh(x)^2 would cancel in the tails
        numpy=np.tanh, mpmath=mp.tanh, sympy=by_sympy("tanh"),
        torch="torch.tanh({0})", numba="tanh({0})", cuda="math.tanh({0})", jax="jnp.tanh({0})",
        latex=r"\tanh\left({0}\right)",
    ),
    Op(
        name="sech2", family=_FAMILY, doc="1 / cosh(x)**2, the slope of tanh.",
        operands=ONE_REAL, cost=14, transcendental=True,
        partials=lambda a, y: (-2.0 * (tanh(a) * y),),
        numpy=_sech2, mpmath=lambda a: mp.sech(a) ** 2,
        torch="(4.0 * torch.sigmoid(2.0 * {0}) * torch.sigmoid(-2.0 * {0}))",
        numba="sech2({0})", cuda="sech2({0})",
        jax="(4.0 * jax.nn.sigmoid(2.0 * {0}) * jax.nn.sigmoid(-2.0 * {0}))",
        latex=r"\operatorname{{sech}}^{{2}}\left({0}\right)",
    ),
    Op(
        name="asinh", family=_FAMILY, doc="Inverse hyperbolic sine.", operands=ONE_REAL, cost=18,
        transcendental=True, partials=lambda a, y: (rsqrt(1.0 + a * a),),
        numpy=np.arcsinh, mpmath=mp.asinh, sympy=by_sympy("asinh"),
        torch="torch.asinh({0})", numba="asinh({0})", cuda="math.asinh({0})", jax="jnp.arcsinh({0})",
        latex=r"\operatorname{{arsinh}}\left({0}\right)",
    ),
)  # fmt: skip
