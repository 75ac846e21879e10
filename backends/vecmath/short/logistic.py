"""sigmoid_short and softplus_short, accurate in both tails.

The coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.short.exponential import exp_short


def sigmoid_short(x: float) -> float:
    """1 / (1 + e**-x), by way of e**-|x|, which the slope shares."""
    e = exp_short(-math.fabs(x))
    return (e if x < 0.0 else 1.0) * (1.0 / (1.0 + e))


def sigmoid_slope_short(x: float) -> float:
    """e / (1 + e)**2 with e = e**-|x|."""
    e = exp_short(-math.fabs(x))
    inverse = 1.0 / (1.0 + e)
    return e * inverse * inverse


def softplus_short(x: float) -> float:
    """log(1 + e**x) = max(x, 0) + log1p(e**-|x|).

    log1p(e) = 2 artanh(e / (2 + e)); degree 5 in its square on [0, 1/9]; error 2**-36.
    """
    e = exp_short(-math.fabs(x))
    s = e / (2.0 + e)
    z = s * s
    w = z * z
    p = fma(
        fma(0.2078826933012591, z, 0.17464539809160065),
        w,
        fma(0.22264725215938994, z, 0.2857030523774083),
    )
    p = fma(p, w, fma(0.40000010775678546, z, 0.666666666500131))
    return fma(s, fma(p, z, 2.0), x if x > 0.0 else 0.0)
