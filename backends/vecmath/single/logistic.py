"""sigmoidf and softplusf, accurate in both tails.

The coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.single.exponential import decayf
from actdsl.backends.vecmath.widths import float32


def sigmoidf(x: float32) -> float32:
    """1 / (1 + e**-x), by way of e / (1 + e) with e = e**-|x|."""
    return sigmoid_sumf(x, -0.0)


def sigmoid_sumf(x: float32, low: float32) -> float32:
    """The same where -|x| is off by a small low, as it is if x is rounded."""
    p, scale = decayf(-math.fabs(x), low)
    e = fma(scale, p, scale) * 1.4901161e-08
    inverse, rest = inverse_one_plusf(e)
    y = fma(e, inverse, e * inverse * rest)
    return y if x < 0.0 else 1.0 - y


def sigmoid_slopef(x: float32) -> float32:
    """e / (1 + e)**2, all of it shared with `sigmoidf` but the end."""
    return sigmoid_slope_sumf(x, -0.0)


def sigmoid_slope_sumf(x: float32, low: float32) -> float32:
    """The same of a sum, as `sigmoid_sumf`."""
    p, scale = decayf(-math.fabs(x), low)
    e = fma(scale, p, scale) * 1.4901161e-08
    inverse, rest = inverse_one_plusf(e)
    return twice_timesf(e, inverse, rest)


def twice_timesf(e: float32, inverse: float32, rest: float32) -> float32:
    """e q**2 for q = inverse (1 + rest)."""
    y = e * inverse
    low = fma(e, inverse, -y)
    return fma(y, inverse, fma(2.0, y * rest, low) * inverse)


def inverse_one_plusf(e: float32) -> tuple[float32, float32]:
    """(q, d) with 1 / (1 + e) = q (1 + d), for 0 <= e <= 1: d is what both roundings of q took."""
    inverse = 1.0 / (1.0 + e)
    return inverse, fma(-inverse, e, 1.0 - inverse)


def softplusf(x: float32) -> float32:
    """log(1 + e**x) = max(x, 0) + log1p(e**-|x|).

    log1p(e) = e V(e), taken as 0.84375 e and a smaller rest; degree 9 on [0, 1]; error 2**-27.
    """
    p, scale = decayf(-math.fabs(x), -0.0)
    e = fma(scale, p, scale) * 1.4901161e-08
    u = e - 0.5
    z = u * u
    s = fma(-0.003210025, u, 0.0052420893)
    s = fma(s, z, fma(-0.006770571, u, 0.011582453))
    s = fma(s, z, fma(-0.020565972, u, 0.0366343))
    s = fma(s, z, fma(-0.067688055, u, 0.13260908))
    s = fma(s, z, fma(-0.2885271, u, -0.03281978))
    return fma(e, 0.84375, fma(e, s, x if x > 0.0 else 0.0))
