"""exp, exp2 and expm1, short.

x = k ln 2 + r with |r| <= ln 2 / 2, then exp x = 2**k (1 + r + r**2 Q(r)). Adding 1.5 * 2**52 + 1023
rounds to an integer and leaves it, biased as an exponent is, in the low bits, whence 2**k is one
shift: 0 for k = -1023, infinite for k = 1024.

Polynomials are split into short chains (G. Estrin, Organization of computer systems, 1960): how
long a chain is, not how many operations there are, decides how fast the loop runs.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapter 6; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma


def exp_short(x: float) -> float:
    """e**x. Q has degree 5; error 2**-32."""
    x = 709.7 if x > 709.7 else x
    x = -709.0 if x < -709.0 else x
    shifted = fma(x, 1.4426950408889634, 6755399441056767.0)
    r = fma(shifted - 6755399441056767.0, -0.6931471805599453, x)
    z = r * r
    q = fma(
        fma(0.00019890990824673654, r, 0.0013933649996309251),
        z,
        fma(0.0083333109254809, r, 0.041666464925285904),
    )
    q = fma(q, z, fma(0.16666666681623232, r, 0.500000001346581))
    return fma(q, z, 1.0 + r) * float_of(bits_of(shifted) << 52)


def exp2_short(x: float) -> float:
    """2**x. The polynomial has degree 7 on +-0.5; error 2**-33."""
    x = 1024.0 if x > 1024.0 else x
    x = -1023.0 if x < -1023.0 else x
    shifted = x + 6755399441056767.0
    r = x - (shifted - 6755399441056767.0)
    z = r * r
    p = fma(1.5297323760701075e-05, z, fma(0.0001546144469856913, r, 0.001333350238616277))
    p = fma(p, z, fma(0.009618056678524637, r, 0.055504108839096185))
    p = fma(p, z, fma(0.24022650922288757, r, 0.6931471805599453))
    return fma(p, r, 1.0) * float_of(bits_of(shifted) << 52)


def expm1_short(x: float) -> float:
    """e**x - 1."""
    y = bounded_expm1_short(x)
    y = math.inf if x > 709.0 else y
    return x if x == 0.0 else y


def bounded_expm1_short(x: float) -> float:
    """e**x - 1 for x <= 709, but a zero's sign; all but the last line is that of `exp_short`."""
    x = 709.7 if x > 709.7 else x
    x = -709.0 if x < -709.0 else x
    shifted = fma(x, 1.4426950408889634, 6755399441056767.0)
    r = fma(shifted - 6755399441056767.0, -0.6931471805599453, x)
    z = r * r
    q = fma(
        fma(0.00019890990824673654, r, 0.0013933649996309251),
        z,
        fma(0.0083333109254809, r, 0.041666464925285904),
    )
    q = fma(q, z, fma(0.16666666681623232, r, 0.500000001346581))
    p = fma(q, z, r)
    scale = float_of(bits_of(shifted) << 52)
    return fma(scale, p, scale - 1.0)
