"""sinhf, coshf, tanhf, sech2f and asinhf, by way of exponential and logarithm."""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.single.exponential import decayf, quarter_expf
from actdsl.backends.vecmath.single.logarithm import log1pf
from actdsl.backends.vecmath.single.logistic import inverse_one_plusf, twice_timesf
from actdsl.backends.vecmath.widths import float32


def tanhf(x: float32) -> float32:
    """Hyperbolic tangent: -E / (1 + e) with e = exp(-2 |x|) and E = e - 1, which is not rounded twice."""
    return tanh_sumf(x, -0.0)


def tanh_sumf(x: float32, low: float32) -> float32:
    """The same where -|x| is off by a small low, as it is if x is rounded."""
    p, raised = decayf(-2.0 * math.fabs(x), 2.0 * low)
    inverse, rest = inverse_one_plusf(fma(raised, p, raised) * 1.4901161e-08)
    scale = raised * 1.4901161e-08
    e = fma(scale, p, scale - 1.0)
    return math.copysign(fma(e, inverse, e * inverse * rest), x)


def sech2f(x: float32) -> float32:
    """1 / cosh(x)**2: 4 e / (1 + e)**2 with e = exp(-2 |x|), which `tanhf` shares."""
    return sech2_sumf(x, -0.0)


def sech2_sumf(x: float32, low: float32) -> float32:
    """The same of a sum, as `tanh_sumf`."""
    p, raised = decayf(-2.0 * math.fabs(x), 2.0 * low)
    e = fma(raised, p, raised)
    inverse, rest = inverse_one_plusf(e * 1.4901161e-08)
    return twice_timesf(e * 5.9604645e-08, inverse, rest)


def sinhf(x: float32) -> float32:
    """Hyperbolic sine: a polynomial of degree 9 up to 1, error 2**-31; beyond, h - 1 / (4 h)."""
    z = x * x
    s = fma(2.789968e-06, z, 0.00019841667)
    s = fma(s, z * z, fma(0.008333315, z, 0.16666667))
    near = fma(x * z, s, x)
    e = quarter_expf(math.fabs(x))
    y = 2.0 * (e - 0.0625 / e)
    return near if math.fabs(x) < 1.0 else math.copysign(y, x)


def coshf(x: float32) -> float32:
    """Hyperbolic cosine: h + 1 / (4 h) with h = e**|x| / 2."""
    e = quarter_expf(math.fabs(x))
    return 2.0 * (e + 0.0625 / e)


def asinhf(x: float32) -> float32:
    """Inverse hyperbolic sine.

    log1p(a + a**2 / (1 + sqrt(1 + a**2))) with a = |x|; above 2**30, log a + log 2.
    """
    a = math.fabs(x)
    large = a > 1073741824.0
    square = 0.0 if large else a * a
    y = log1pf(a + square / (1.0 + math.sqrt(1.0 + square)))
    return math.copysign(y + 0.6931472 if large else y, x)
