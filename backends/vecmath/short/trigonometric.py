"""sin_short, cos_short, tan_short, sinpi_short, cospi_short and atan_short.

The argument is reduced to r within a quarter of a turn of a zero, and the count of half turns
gives the sign; one polynomial longer than the usual two is shorter than both. tan_short needs both, within
an eighth of a turn. With fused multiply-add two parts of pi carry the reduction to |x| = 2**45;
beyond, the C library's sin, cos or tan is called for the element.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapters 8, 9 and 11; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.beyond import cos_beyond, sin_beyond, tan_beyond
from actdsl.backends.vecmath.bits import bits_of, float_of, fma, round_even


def sin_short(x: float) -> float:
    """Sine of x radians."""
    shifted = fma(x, 0.3183098861837907, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    r = fma(k, -1.2246467991473532e-16, fma(k, -3.141592653589793, x))
    return sin_beyond(x, signed(half_turn(r), bits_of(shifted)))


def cos_short(x: float) -> float:
    """Cosine of x radians: zeros are at odd multiples of pi/2."""
    shifted = fma(x, 0.3183098861837907, -0.5) + 6755399441055744.0
    k = (shifted - 6755399441055744.0) + 0.5
    r = fma(k, -1.2246467991473532e-16, fma(k, -3.141592653589793, x))
    return cos_beyond(x, signed(half_turn(r), bits_of(shifted) + 1))


def half_turn(r: float) -> float:
    """sin r for |r| <= pi/2. Degree 11; error 2**-33."""
    z = r * r
    w = z * z
    s = fma(-2.407637307022495e-08, z, 2.7536298330965396e-06)
    s = fma(s, w, fma(-0.00019841084371803204, z, 0.008333332759723729))
    s = fma(s, z, -0.16666666663825358)
    return r * fma(s, z, 1.0)


def sinpi_short(x: float) -> float:
    """sin(pi x)."""
    reduced = fma(round_even(0.5 * x), -2.0, x)
    shifted = reduced + 6755399441055744.0
    y = signed(half_turn_of_pi(reduced - (shifted - 6755399441055744.0)), bits_of(shifted))
    return x if x == 0.0 else y


def cospi_short(x: float) -> float:
    """cos(pi x) = sin(pi (|x| + 1/2)), its argument reduced to |x| <= 1."""
    x = math.fabs(fma(round_even(0.5 * x), -2.0, x))
    return half_turn_of_pi(0.5 - x)


def half_turn_of_pi(r: float) -> float:
    """sin(pi r) for |r| <= 1/2. Degree 11; error 2**-35."""
    z = r * r
    w = z * z
    s = fma(-0.007027634623424209, z, 0.08204997325836844)
    s = fma(s, w, fma(-0.5992521131336368, z, 2.550163312195442))
    s = fma(s, w, fma(-5.167712764438908, z, 3.1415926535354886))
    return r * s


def signed(y: float, turns: int) -> float:
    """y, its sign turned for an odd number of half turns."""
    return float_of(bits_of(y) ^ (turns << 63))


def tan_short(x: float) -> float:
    """Tangent of x radians."""
    shifted = fma(x, 0.6366197723675814, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    q = bits_of(shifted)
    r = fma(k, -6.123233995736766e-17, fma(k, -1.5707963267948966, x))
    s = sine_short(r)
    c = cosine_short(r)
    y = (s if q & 1 == 0 else c) / (c if q & 1 == 0 else s)
    return tan_beyond(x, float_of(bits_of(y) ^ ((q & 1) << 63)))


def sine_short(r: float) -> float:
    """sin r for |r| <= pi/4. Degree 9; error 2**-35."""
    z = r * r
    p = fma(2.7246861080593795e-06, z, -0.00019840062981275398)
    p = fma(p, z * z, fma(0.008333331830518131, z, -0.16666666663741078))
    return r * fma(p, z, 1.0)


def cosine_short(r: float) -> float:
    """cos r for |r| <= pi/4. Degree 10; error 2**-39."""
    z = r * r
    w = z * z
    p = fma(-2.7298401274215105e-07, z, 2.4800580551670827e-05)
    p = fma(p, w, fma(-0.0013888887635135087, z, 0.041666666664225895))
    return fma(p, w, fma(-0.5, z, 1.0))


def atan_short(x: float) -> float:
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
