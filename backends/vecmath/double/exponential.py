"""exp, exp2 and expm1.

x = k ln 2 + r with |r| <= ln 2 / 2, then exp x = 2**k (1 + r + r**2 Q(r)). Adding 1.5 * 2**52
rounds to an integer and leaves it in the low bits, whence 2**k is one shift.

Method: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (Prentice-Hall, 1980),
chapter 6; the coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma


def exp(x: float) -> float:
    """e**x."""
    return exp_sum(x, -0.0)


def exp_sum(high: float, low: float) -> float:
    """e**(high + low) for |low| below an ulp of high.

    Q has degree 9 on +-0.3466; its error is 0.12 * 2**-53 of the result.
    """
    x = 710.0 if high > 710.0 else high
    x = -746.0 if x < -746.0 else x
    k = fma(x, 1.4426950408889634, 6755399441055744.0) - 6755399441055744.0
    r = fma(k, -0.6931471805599453, x)
    r = fma(k, -2.3190468138462996e-17, r) + low
    p = fma(2.510038549551032e-08, r, 2.7620088445409746e-07)
    p = fma(p, r, 2.7557268459997064e-06)
    p = fma(p, r, 2.4801521295954376e-05)
    p = fma(p, r, 0.00019841269863053618)
    p = fma(p, r, 0.0013888888917213717)
    p = fma(p, r, 0.008333333333330062)
    p = fma(p, r, 0.04166666666662413)
    p = fma(p, r, 0.16666666666666669)
    p = fma(p, r, 0.5000000000000001)
    p = 1.0 + fma(p, r * r, r)
    # Two factors, because 2**k alone leaves the range before the product does.
    half = fma(k, 0.5, 6755399441055744.0) - 6755399441055744.0
    return p * two_to(half) * two_to(k - half)


def two_to(k: float) -> float:
    """2**k for an integral k from -1022 to 1023; 0 for -1023."""
    return float_of(bits_of(k + 6755399441056767.0) << 52)


def exp2(x: float) -> float:
    """2**x. The polynomial has degree 11 on +-0.5; error 0.2 * 2**-53."""
    x = 1025.0 if x > 1025.0 else x
    x = -1076.0 if x < -1076.0 else x
    k = (x + 6755399441055744.0) - 6755399441055744.0
    r = x - k
    p = fma(4.4549605981865186e-10, r, 7.072585949269223e-09)
    p = fma(p, r, 1.0178062445845774e-07)
    p = fma(p, r, 1.321544258792169e-06)
    p = fma(p, r, 1.525273382983612e-05)
    p = fma(p, r, 0.0001540353044173605)
    p = fma(p, r, 0.0013333558146416936)
    p = fma(p, r, 0.009618129107606888)
    p = fma(p, r, 0.0555041086648216)
    p = fma(p, r, 0.24022650695910097)
    p = fma(p, r, 0.6931471805599453)
    p = fma(p, r, 1.0)
    half = fma(k, 0.5, 6755399441055744.0) - 6755399441055744.0
    return p * two_to(half) * two_to(k - half)


def expm1(x: float) -> float:
    """e**x - 1."""
    y = 4.0 * quarter_expm1(x)
    return x if math.fabs(x) < 1e-17 else y


def quarter_expm1(x: float) -> float:
    """(e**x - 1) / 4, which is finite up to x = 710.5; its polynomial is that of `exp_sum`."""
    x = 710.5 if x > 710.5 else x
    x = -40.0 if x < -40.0 else x
    k = fma(x, 1.4426950408889634, 6755399441055744.0) - 6755399441055744.0
    r = fma(k, -0.6931471805599453, x)
    r = fma(k, -2.3190468138462996e-17, r)
    p = fma(2.510038549551032e-08, r, 2.7620088445409746e-07)
    p = fma(p, r, 2.7557268459997064e-06)
    p = fma(p, r, 2.4801521295954376e-05)
    p = fma(p, r, 0.00019841269863053618)
    p = fma(p, r, 0.0013888888917213717)
    p = fma(p, r, 0.008333333333330062)
    p = fma(p, r, 0.04166666666662413)
    p = fma(p, r, 0.16666666666666669)
    p = fma(p, r, 0.5000000000000001)
    p = fma(p, r * r, r)
    scale = two_to(k - 2.0)
    return fma(scale, p, scale - 0.25)
