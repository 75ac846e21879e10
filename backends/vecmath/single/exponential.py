"""expf, exp2f and expm1f.

x = k ln 2 + r with |r| <= ln 2 / 2, then exp x = 2**k (1 + p) with p = r + r**2 Q(r). Adding
1.5 * 2**23 rounds to an integer and leaves it, biased as an exponent is, in the low bits, whence a
power of two is one shift. With two parts of ln 2 the error of r is one rounding; and 1 + p is
rounded only once scaled.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapter 6; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma
from actdsl.backends.vecmath.widths import float32, int32


def expf(x: float32) -> float32:
    """e**x."""
    return exp_sumf(x, -0.0)


def exp_sumf(x: float32, low: float32) -> float32:
    """e**(x + low)."""
    x = 89.0 if x > 89.0 else x
    x = -104.0 if x < -104.0 else x
    shifted = fma(x, 1.442695, 12583166.0)
    r = less_twosf(x, shifted - 12583166.0) + low
    return scaled_twicef(expm1_centref(r), bits_of(shifted))


def exp2f(x: float32) -> float32:
    """2**x. The polynomial has degree 6 on +-0.5; error 2**-28."""
    x = 128.0 if x > 128.0 else x
    x = -151.0 if x < -151.0 else x
    shifted = x + 12583166.0
    r = x - (shifted - 12583166.0)
    z = r * r
    p = fma(0.00015347562, r, 0.0013398762)
    p = fma(p, z, fma(0.009618458, r, 0.055503327))
    p = fma(p, z, fma(0.24022648, r, 2.0337929e-08))
    return scaled_twicef(fma(r, 0.6931472, r * p), bits_of(shifted))


def scaled_twicef(p: float32, turns: int32) -> float32:
    """2**k (1 + p), for k + 254 in the low bits of `turns`: 2**k itself may not be a normal number."""
    half = turns >> 1
    scale = float_of(half << 23)
    return fma(scale, p, scale) * float_of((turns - half) << 23)


def expm1f(x: float32) -> float32:
    """e**x - 1."""
    x = 89.5 if x > 89.5 else x
    lower = -18.0 if x < -18.0 else x
    # A quarter of it all: 2**k itself may be beyond the range.
    shifted = fma(lower, 1.442695, 12583037.0)
    p = expm1_centref(less_twosf(lower, shifted - 12583037.0))
    scale = float_of(bits_of(shifted) << 23)
    y = 4.0 * fma(scale, p, scale - 0.25)
    return x if math.fabs(x) < 1e-08 else y


def quarter_expf(x: float32) -> float32:
    """e**x / 4, for x >= 0."""
    x = 89.5 if x > 89.5 else x
    shifted = fma(x, 1.442695, 12583037.0)
    p = expm1_centref(less_twosf(x, shifted - 12583037.0))
    scale = float_of(bits_of(shifted) << 23)
    return fma(scale, p, scale)


def decayf(x: float32, low: float32) -> tuple[float32, float32]:
    """(p, s) with e**(x + low) = 2**-26 s (1 + p), for x <= 0: 2**k may be subnormal, s is not.

    Below -105.5, e**x is taken for 2**-152, which is 0, and still so when it is doubled.
    """
    x = -105.5 if x < -105.5 else x
    shifted = fma(x, 1.442695, 12583065.0)
    p = expm1_centref(less_twosf(x, shifted - 12583065.0) + low)
    return p, float_of(bits_of(shifted) << 23)


def less_twosf(x: float32, k: float32) -> float32:
    """x - k ln 2."""
    return fma(k, 1.9046542e-09, fma(k, -0.6931472, x))


def expm1_centref(r: float32) -> float32:
    """e**r - 1 for |r| <= ln 2 / 2. Q has degree 5; error 2**-30."""
    z = r * r
    q = fma(0.00019539274, r, 0.0013934063)
    q = fma(q, z, fma(0.008333929, r, 0.041666474))
    q = fma(q, z, fma(0.16666664, r, 0.5))
    return fma(q, z, r)
