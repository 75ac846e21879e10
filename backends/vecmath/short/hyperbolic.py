"""sinh, cosh, tanh, sech2 and asinh, by way of expm1 and log1p, which keep them accurate near 0."""

from __future__ import annotations

import math

from actdsl.backends.vecmath.short.exponential import bounded_expm1_short, exp_short
from actdsl.backends.vecmath.short.logarithm import log1p_short


def tanh_short(x: float) -> float:
    """Hyperbolic tangent: -E / (1 + e) with e = exp(-2 |x|), E = expm1(-2 |x|), alike but in the end."""
    t = -2.0 * math.fabs(x)
    return math.copysign(bounded_expm1_short(t) * (1.0 / (1.0 + exp_short(t))), x)


def sech2_short(x: float) -> float:
    """1 / cosh(x)**2: 4 e / (1 + e)**2 with e = exp(-2 |x|), all of it shared with `tanh_short`."""
    e = exp_short(-2.0 * math.fabs(x))
    inverse = 1.0 / (1.0 + e)
    return (4.0 * e) * (inverse * inverse)


def sinh_short(x: float) -> float:
    """Hyperbolic sine: (E + E / (E + 1)) / 2 with E = expm1 |x|."""
    a = math.fabs(x)
    e = bounded_expm1_short(709.0 if a > 709.0 else a)
    y = 0.5 * (e + e / (e + 1.0))
    return math.copysign(math.inf if a > 709.0 else y, x)


def cosh_short(x: float) -> float:
    """Hyperbolic cosine: h + 1 / (4 h) with h = e**|x| / 2."""
    half = 0.5 * exp_short(math.fabs(x))
    return half + 0.25 / half


def asinh_short(x: float) -> float:
    """Inverse hyperbolic sine.

    log1p(a + a**2 / (1 + sqrt(1 + a**2))) with a = |x|; above 2**54, log a + log 2.
    """
    a = math.fabs(x)
    large = a > 18014398509481984.0
    square = 0.0 if large else a * a
    y = log1p_short(a + square / (1.0 + math.sqrt(1.0 + square)))
    return math.copysign(y + 0.6931471805599453 if large else y, x)
