"""erff, erfcf and gaussianf.

erfc a = exp(-a**2) R(a) on the right half line, so that the tail keeps its relative accuracy, and
shares its exponential with its derivative. a**2 is taken in two parts: its rounding error, 2**-25
of up to 104, would show in its exponential.

R = t W(t) with t = 1 / (1 + a): W stays between 0.61 and 1, and its polynomial magnifies no error.
Method: M. M. Shepherd and J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x**2) erfc x
in 0 <= x < infinity, Mathematics of Computation 36 (1981). The coefficients are from
benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma
from actdsl.backends.vecmath.short.error_function import erf_short
from actdsl.backends.vecmath.single.exponential import expm1_centref
from actdsl.backends.vecmath.single.rounding import roundedf
from actdsl.backends.vecmath.widths import float32


def erff(x: float32) -> float32:
    """Error function, in float64: one quotient there takes less than exponential and quotient here."""
    return roundedf(erf_short(x))


def erfcf(x: float32) -> float32:
    """1 - erf x."""
    return erfc_sumf(x, -0.0)


def erfc_sumf(x: float32, low: float32) -> float32:
    """The same where -x**2 is off by a small low, as it is if x is rounded."""
    y = erfc_rightf(math.fabs(x), low)
    return 2.0 - y if x < 0.0 else y


def erfc_rightf(a: float32, low: float32) -> float32:
    """1 - erf a for a >= 0, -a**2 off by low. W has degree 12 on [1/11.2, 1]; error 2**-27.

    Only the exponential takes low: R hardly feels what x is off by.
    """
    p, scale = gaussian_partsf(a, low)
    a = 10.198 if a > 10.198 else a
    d = 1.0 + a
    t = 1.0 / d
    # What both roundings of t took.
    rest = fma(-t, a - (d - 1.0), fma(-t, d, 1.0))
    u = fma(t, rest, t - 0.5)
    z = u * u
    s = fma(0.34395692, z, fma(-0.85838413, u, 0.60737205))
    s = fma(s, z, fma(0.18012911, u, -0.6047416))
    s = fma(s, z, fma(0.4813632, u, -0.07806256))
    s = fma(s, z, fma(-0.3061928, u, 0.40631902))
    s = fma(s, z, fma(-0.111252025, u, -0.3822254))
    s = fma(s, z, fma(0.47536168, u, 0.16766715))
    # t W (1 + p) as 0.6875 t and a smaller rest.
    s = fma(rest, 0.6875 + s, s)
    return scale * fma(t, 0.6875, t * fma(p, s, fma(p, 0.6875, s)))


def gaussianf(x: float32) -> float32:
    """exp(-x**2)."""
    return gaussian_sumf(x, -0.0)


def gaussian_sumf(x: float32, low: float32) -> float32:
    """exp(low - x**2)."""
    p, scale = gaussian_partsf(math.fabs(x), low)
    return fma(scale, p, scale)


def gaussian_partsf(a: float32, low: float32) -> tuple[float32, float32]:
    """(p, s) with exp(low - a**2) = s (1 + p), for a >= 0 and a small low."""
    a = 10.198 if a > 10.198 else a
    high = a * a
    square_low = fma(a, a, -high)
    # 2**k may be subnormal, 2**(k + 24) is not.
    shifted = fma(high, -1.442695, 12583063.0)
    k = shifted - 12583063.0
    r = fma(k, -0.6931472, -high) + fma(k, 1.9046542e-09, -square_low)
    return expm1_centref(r + low), float_of(bits_of(shifted) << 23) * 5.9604645e-08
