"""pow, the real power.

x**y = 2**(y log2|x|). log2|x| is carried to about 66 bits as a sum of two numbers, because y
multiplies its error.

Method: T. J. Dekker, A floating-point technique for extending the available precision, Numerische
Mathematik 18 (1971), for the two-number arithmetic; the coefficients are from
benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma, round_even
from actdsl.backends.vecmath.double.exponential import two_to
from actdsl.backends.vecmath.double.logarithm import split


def pow(x: float, y: float) -> float:
    """x**y with C's special cases; NaN for x < 0 and y not an integer."""
    a = math.fabs(x)
    high, low = log2_pair(a)
    product = y * high
    product_low = fma(y, high, -product) + y * low
    magnitude = exp2_sum(product, product_low)
    magnitude = 1.0 if a == 1.0 else magnitude
    whole = round_even(y) == y
    odd = whole and round_even(0.5 * y) != 0.5 * y
    negative = math.copysign(1.0, x) < 0.0
    magnitude = -magnitude if negative and odd else magnitude
    magnitude = math.nan if x < 0.0 and not whole and a < math.inf else magnitude
    return 1.0 if y == 0.0 or x == 1.0 else magnitude


def log2_pair(a: float) -> tuple[float, float]:
    """log2 a as a sum of two numbers, for a >= 0; the limits at 0, infinity and NaN.

    log2 m = 2 / ln 2 (s + s**3 / 3 + s**5 P(s**2)) with s = (m - 1) / (m + 1); P has degree 7; the
    error is 2**-66 of the result.
    """
    k, m = split(a)
    f = m - 1.0
    d = m + 1.0
    d_low = m - (d - 1.0)
    inverse = 1.0 / d
    s = f * inverse
    s_low = fma(-s, d_low, fma(-s, d, f)) * inverse
    z = s * s
    z_low = fma(s, s, -z) + 2.0 * s * s_low
    p = fma(0.05861589311957703, z, 0.05853118169743458)
    p = fma(p, z, 0.0666740234692375)
    p = fma(p, z, 0.07692297481259214)
    p = fma(p, z, 0.09090909167696401)
    p = fma(p, z, 0.11111111110827943)
    p = fma(p, z, 0.14285714285714682)
    p = fma(p, z, 0.2)
    p = p * z
    third = 0.3333333333333333 + p
    third_low = ((0.3333333333333333 - third) + p) + 1.850371707708594e-17
    q = z * third
    q_low = fma(z, third, -q) + fma(z, third_low, z_low * third)
    tail = s * q
    tail_low = fma(s, q, -tail) + fma(s, q_low, s_low * q)
    high = s + tail
    low = ((s - high) + tail) + (s_low + tail_low)
    scaled = 2.8853900817779268 * high
    scaled_low = fma(2.8853900817779268, high, -scaled) + fma(
        4.0710547481862066e-17, high, 2.8853900817779268 * low
    )
    total = k + scaled
    total_low = ((k - total) + scaled) + scaled_low
    total = total if a < math.inf else a
    total_low = total_low if a < math.inf else 0.0
    total = -math.inf if a == 0.0 else total
    total_low = 0.0 if a == 0.0 else total_low
    return total, total_low


def exp2_sum(high: float, low: float) -> float:
    """2**(high + low); its polynomial is that of `exp2`."""
    low = low if math.fabs(high) < 1100.0 else 0.0
    x = 1025.0 if high > 1025.0 else high
    x = -1076.0 if x < -1076.0 else x
    k = (x + 6755399441055744.0) - 6755399441055744.0
    r = (x - k) + low
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
