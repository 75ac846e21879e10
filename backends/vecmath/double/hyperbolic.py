"""sinh, cosh, tanh, sech2 and asinh, by way of expm1 and log1p, which keep them accurate near 0."""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.double.exponential import exp, expm1, quarter_expm1
from actdsl.backends.vecmath.double.logarithm import log1p


def tanh(x: float) -> float:
    """Hyperbolic tangent: E / (E + 2) with E = expm1(2 x)."""
    e = expm1(40.0 if x > 20.0 else 2.0 * x)
    return e / (e + 2.0)


def sech2(x: float) -> float:
    """1 / cosh(x)**2: 4 e / (1 + e)**2 with e = exp(-2 |x|)."""
    e = exp(-2.0 * math.fabs(x))
    d = 1.0 + e
    return 4.0 * e / (d * d)


def sinh(x: float) -> float:
    """Hyperbolic sine: (E + E / (E + 1)) / 2 with E = expm1 |x|, held as E / 4."""
    quarter = quarter_expm1(math.fabs(x))
    y = 2.0 * (quarter + quarter / fma(quarter, 4.0, 1.0))
    y = x if math.fabs(x) < 1e-17 else y
    return math.copysign(y, x)


def cosh(x: float) -> float:
    """Hyperbolic cosine: h + 1 / (4 h) with h = e**|x| / 2."""
    half = fma(quarter_expm1(math.fabs(x)), 2.0, 0.5)
    return half + 0.25 / half


def asinh(x: float) -> float:
    """Inverse hyperbolic sine.

    log1p(a + a**2 / (1 + sqrt(1 + a**2))) with a = |x|; above 2**54, log a + log 2.
    """
    a = math.fabs(x)
    large = a > 18014398509481984.0
    square = 0.0 if large else a * a
    y = log1p(a + square / (1.0 + math.sqrt(1.0 + square)))
    y = y + 0.6931471805599453 if large else y
    return math.copysign(y, x)
