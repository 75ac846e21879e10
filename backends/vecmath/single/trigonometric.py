"""sinf, cosf, tanf, sinpif, cospif and atanf.

The argument is reduced to r within an eighth of a turn of 0 and a count of quarter turns q; the
sine and the cosine of r are both computed, and q chooses. So sinf and cosf of one argument share
the work. With fused multiply-add two parts of pi/2 carry the reduction to |x| = 2**45; beyond, the C
library's sin, cos or tan is called for the element.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapters 8, 9 and 11; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.beyond import cos_beyond, sin_beyond, tan_beyond
from actdsl.backends.vecmath.bits import bits_of, float_of, fma, round_even


def sinf(x: float) -> float:
    """Sine of x radians."""
    r, q = quarter_turnsf(x)
    y = sinef(r) if q & 1 == 0 else cosinef(r)
    return sin_beyond(x, float_of(bits_of(y) ^ ((q & 2) << 62)))


def cosf(x: float) -> float:
    """Cosine of x radians."""
    r, q = quarter_turnsf(x)
    y = cosinef(r) if q & 1 == 0 else sinef(r)
    return cos_beyond(x, float_of(bits_of(y) ^ (((q + 1) & 2) << 62)))


def tanf(x: float) -> float:
    """Tangent of x radians."""
    r, q = quarter_turnsf(x)
    s = sinef(r)
    c = cosinef(r)
    y = (s if q & 1 == 0 else c) / (c if q & 1 == 0 else s)
    return tan_beyond(x, float_of(bits_of(y) ^ ((q & 1) << 63)))


def sinpif(x: float) -> float:
    """sin(pi x)."""
    r, q = quarter_turns_of_pif(x)
    y = sinef(r) if q & 1 == 0 else cosinef(r)
    return float_of(bits_of(y) ^ ((q & 2) << 62))


def cospif(x: float) -> float:
    """cos(pi x)."""
    r, q = quarter_turns_of_pif(x)
    y = cosinef(r) if q & 1 == 0 else sinef(r)
    return float_of(bits_of(y) ^ (((q + 1) & 2) << 62))


def quarter_turnsf(x: float) -> tuple[float, int]:
    """(r, q) with x = q pi/2 + r, |r| <= pi/4, for |x| <= 2**45; q counts modulo 4."""
    shifted = fma(x, 0.6366197723675814, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    return fma(k, -6.123233995736766e-17, fma(k, -1.5707963267948966, x)), bits_of(shifted)


def quarter_turns_of_pif(x: float) -> tuple[float, int]:
    """(r, q) with pi x = q pi/2 + r, |r| <= pi/4; q counts modulo 4."""
    x = fma(round_even(0.5 * x), -2.0, x)
    shifted = fma(x, 2.0, 6755399441055744.0)
    return 3.141592653589793 * fma(shifted - 6755399441055744.0, -0.5, x), bits_of(shifted)


def sinef(r: float) -> float:
    """sin r for |r| <= pi/4. Degree 9; error 2**-35."""
    z = r * r
    p = fma(2.7246861080593795e-06, z, -0.00019840062981275398)
    p = fma(p, z * z, fma(0.008333331830518131, z, -0.16666666663741078))
    return r * fma(p, z, 1.0)


def cosinef(r: float) -> float:
    """cos r for |r| <= pi/4. Degree 10; error 2**-39."""
    z = r * r
    w = z * z
    p = fma(-2.7298401274215105e-07, z, 2.4800580551670827e-05)
    p = fma(p, w, fma(-0.0013888887635135087, z, 0.041666666664225895))
    return fma(p, w, fma(-0.5, z, 1.0))


def atanf(x: float) -> float:
    """Arctangent, in radians: of |x| or of its inverse, whichever is below 1. Error 2**-34."""
    a = math.fabs(x)
    large = a > 1.0
    t = (1.0 if large else a) / (a if large else 1.0)
    z = t * t
    w = z * z
    p = fma(
        fma(0.0005930437556340726, z, -0.00422165799091543),
        w,
        fma(0.014072923344661419, z, -0.029913111945465476),
    )
    p = fma(p, w, fma(0.047294798621766825, z, -0.06246315194125574))
    q = fma(
        fma(0.07586652833645609, z, -0.09073553118976144),
        w,
        fma(0.11109392308322183, z, -0.14285624891483523),
    )
    q = fma(q, w, fma(0.19999998154086215, z, -0.3333333332694414))
    p = fma(p, w * w * w, q)
    y = t * fma(p, z, 1.0)
    return math.copysign(1.5707963267948966 - y if large else y, x)
