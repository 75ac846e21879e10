"""sinf, cosf, tanf, sinpif, cospif and atanf.

The argument is reduced to r within a quarter of a turn of a zero, and the count of half turns
gives the sign. Three parts of pi, the first subtracted exactly, carry that to |x| = 2**17; beyond,
the C library's sin or cos is called for the element. What is large in a result, a multiple of r by
a number of few digits, is added last, and polynomials are in r**2 less the middle of its interval:
both keep rounding errors small.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapters 8 and 11; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.beyond import cos_beyondf, sin_beyondf
from actdsl.backends.vecmath.bits import bits_of, float_of, fma, round_even
from actdsl.backends.vecmath.short.trigonometric import tan_short
from actdsl.backends.vecmath.single.rounding import roundedf
from actdsl.backends.vecmath.widths import float32, int32


def sinf(x: float32) -> float32:
    """Sine of x radians."""
    return sin_sumf(x, -0.0)


def sin_sumf(x: float32, low: float32) -> float32:
    """Sine of x + low radians; beyond the reach of the fast reduction, of x."""
    shifted = fma(x, 0.31830987, 12582912.0)
    k = shifted - 12582912.0
    return sin_beyondf(x, signedf(half_turnf(less_turnsf(x, k) + low), bits_of(shifted)))


def cosf(x: float32) -> float32:
    """Cosine of x radians: zeros are at odd multiples of pi/2."""
    return cos_sumf(x, -0.0)


def cos_sumf(x: float32, low: float32) -> float32:
    """Cosine of x + low radians; beyond the reach of the fast reduction, of x."""
    shifted = fma(x, 0.31830987, -0.5) + 12582912.0
    k = (shifted - 12582912.0) + 0.5
    return cos_beyondf(x, signedf(half_turnf(less_turnsf(x, k) + low), bits_of(shifted) + 1))


def less_turnsf(x: float32, k: float32) -> float32:
    """x - k pi, for |k| <= 2**17."""
    # All parts of pi are positive, which keeps the sign of zero.
    r = fma(k, -3.1415925, x)
    return fma(k, -1.0780605e-14, fma(k, -1.5099579e-07, r))


def half_turnf(r: float32) -> float32:
    """sin r for |r| <= pi/2, as 0.8125 r and a rest that is small. Degree 9; error 2**-27."""
    z = fma(r, r, -1.25)
    s = fma(2.600208e-06, z, -0.00018506432)
    s = fma(s, z * z, fma(0.007614642, z, -0.14674215))
    return fma(r, 0.8125, r * fma(s, z, -0.008193374))


def tanf(x: float32) -> float32:
    """Tangent of x radians, in float64."""
    return roundedf(tan_short(x))


def sinpif(x: float32) -> float32:
    """sin(pi x)."""
    reduced = fma(round_even(0.5 * x), -2.0, x)
    shifted = reduced + 12582912.0
    y = signedf(half_turn_of_pif(reduced - (shifted - 12582912.0)), bits_of(shifted))
    return x if x == 0.0 else y


def cospif(x: float32) -> float32:
    """cos(pi x) = sin(pi (|x| + 1/2)), its argument reduced to |x| <= 1."""
    x = math.fabs(fma(round_even(0.5 * x), -2.0, x))
    return half_turn_of_pif(0.5 - x)


def half_turn_of_pif(r: float32) -> float32:
    """sin(pi r) for |r| <= 1/2, as 2.5625 r and a rest that is small. Degree 9; error 2**-26."""
    z = fma(r, r, -0.125)
    s = fma(0.07750207, z, -0.55944705)
    s = fma(s, z * z, fma(2.333001, z, -4.557629))
    return fma(r, 2.5625, r * fma(s, z, -0.02817574))


def signedf(y: float32, turns: int32) -> float32:
    """y, its sign turned for an odd number of half turns."""
    return float_of(bits_of(y) ^ (turns << 31))


def atanf(x: float32) -> float32:
    """Arctangent, in radians: of |x| or of its inverse, whichever is below 1. Error 2**-28."""
    a = math.fabs(x)
    large = a > 1.0
    t = (1.0 if large else a) / (a if large else 1.0)
    z = t * t
    w = z * z
    p = fma(-0.0017918345, z, 0.010905856)
    p = fma(p, w, fma(-0.031159878, z, 0.057937536))
    p = fma(p, w, fma(-0.08402133, z, 0.10951672))
    p = fma(p, w, fma(-0.14264128, z, 0.19998536))
    p = fma(p, z, -0.333333)
    # What 1.5707964 is more than pi/2.
    excess = roundedf(4.371139e-08 if large else 0.0)
    y = t + fma(t * z, p, excess)
    return math.copysign(1.5707964 - y if large else y, x)
