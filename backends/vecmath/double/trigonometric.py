"""sin, cos, tan, sinpi, cospi and atan.

The argument is reduced to r within an eighth of a turn of 0 and a count of quarter turns q; the
sine and the cosine of r are both computed, and q chooses. So sin and cos of one argument share
the work.

With fused multiply-add three parts of pi/2 carry the reduction to |x| = 2**45 = 3.5e13. Beyond, the
C library's sin, cos or tan is called for the element.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapters 8, 9 and 11; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.beyond import cos_beyond, sin_beyond, tan_beyond
from actdsl.backends.vecmath.bits import bits_of, float_of, fma, round_even


def sin(x: float) -> float:
    """Sine of x radians."""
    r, low, q = quarter_turns(x)
    y = sine(r, low) if q & 1 == 0 else cosine(r, low)
    y = float_of(bits_of(y) ^ ((q & 2) << 62))
    y = x if x == 0.0 else y
    return sin_beyond(x, y)


def cos(x: float) -> float:
    """Cosine of x radians."""
    r, low, q = quarter_turns(x)
    y = cosine(r, low) if q & 1 == 0 else sine(r, low)
    y = float_of(bits_of(y) ^ (((q + 1) & 2) << 62))
    return cos_beyond(x, y)


def tan(x: float) -> float:
    """Tangent of x radians."""
    r, low, q = quarter_turns(x)
    s = sine(r, low)
    c = cosine(r, low)
    y = (s if q & 1 == 0 else c) / (c if q & 1 == 0 else s)
    y = float_of(bits_of(y) ^ ((q & 1) << 63))
    y = x if x == 0.0 else y
    return tan_beyond(x, y)


def sinpi(x: float) -> float:
    """sin(pi x)."""
    r, low, q = quarter_turns_of_pi(x)
    y = sine(r, low) if q & 1 == 0 else cosine(r, low)
    y = float_of(bits_of(y) ^ ((q & 2) << 62))
    return x if x == 0.0 else y


def cospi(x: float) -> float:
    """cos(pi x)."""
    r, low, q = quarter_turns_of_pi(x)
    y = cosine(r, low) if q & 1 == 0 else sine(r, low)
    # Zeros are positive, as IEEE 754 has them.
    return float_of(bits_of(y) ^ (((q + 1) & 2) << 62)) + 0.0


def quarter_turns(x: float) -> tuple[float, float, int]:
    """(r, low, q) with x = q pi/2 + r + low, |r| <= pi/4, for |x| <= 2**45; q counts modulo 4."""
    shifted = fma(x, 0.6366197723675814, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    # The first step is exact.
    r = fma(k, -1.5707963267948966, x)
    r = fma(k, -6.123233995736766e-17, r)
    r = fma(k, 1.4973849048591833e-33, r)
    return r, -0.0, bits_of(shifted)


def quarter_turns_of_pi(x: float) -> tuple[float, float, int]:
    """(r, low, q) with pi x = q pi/2 + r + low, |r| <= pi/4; q counts modulo 4."""
    x = fma(round_even(0.5 * x), -2.0, x)
    shifted = fma(x, 2.0, 6755399441055744.0)
    x = fma(shifted - 6755399441055744.0, -0.5, x)
    r = 3.141592653589793 * x
    low = fma(x, 3.141592653589793, -r) + 1.2246467991473532e-16 * x
    return r, low, bits_of(shifted)


def sine(r: float, low: float) -> float:
    """sin(r + low), |r| <= pi/4, |low| within an ulp of r. Degree 13; error 0.2 * 2**-53."""
    z = r * r
    p = fma(1.5916722686286264e-10, z, -2.5051112223400195e-08)
    p = fma(p, z, 2.755731600793325e-06)
    p = fma(p, z, -0.00019841269836575246)
    p = fma(p, z, 0.008333333333330827)
    p = fma(p, z, -0.16666666666666666)
    return r + fma(p, z * r, low)


def cosine(r: float, low: float) -> float:
    """cos(r + low), |r| <= pi/4, |low| within an ulp of r. Degree 14; error 0.01 * 2**-53."""
    z = r * r
    p = fma(-1.1381752459316326e-11, z, 2.0876133993327844e-09)
    p = fma(p, z, -2.755731721253751e-07)
    p = fma(p, z, 2.4801587298651e-05)
    p = fma(p, z, -0.0013888888888887322)
    p = fma(p, z, 0.041666666666666664)
    return 1.0 - fma(z, 0.5, fma(r, low, -p * (z * z)))


def atan(x: float) -> float:
    """Arctangent, in radians.

    Reduced by pi/4 and pi/2 to |t| <= tan(pi/8) with one division; degree 23; error 0.06 * 2**-53.
    """
    a = math.fabs(x)
    small = a < 0.41421356237309503
    large = a > 2.414213562373095
    numerator = -1.0 if large else a - 1.0
    numerator = a if small else numerator
    denominator = a if large else a + 1.0
    denominator = 1.0 if small else denominator
    offset = 1.5707963267948966 if large else 0.7853981633974483
    offset = 0.0 if small else offset
    offset_low = 6.123233995736766e-17 if large else 3.061616997868383e-17
    offset_low = 0.0 if small else offset_low
    t = numerator / denominator
    z = t * t
    p = fma(-0.019176887118977692, z, 0.03923165829551088)
    p = fma(p, z, -0.05085449737937309)
    p = fma(p, z, 0.05858148912801571)
    p = fma(p, z, -0.06664511447381863)
    p = fma(p, z, 0.0769218319082608)
    p = fma(p, z, -0.09090904578123901)
    p = fma(p, z, 0.11111111015256361)
    p = fma(p, z, -0.14285714284666542)
    p = fma(p, z, 0.1999999999999552)
    p = fma(p, z, -0.3333333333333333)
    return math.copysign(offset + (t + fma(p, z * t, offset_low)), x)
