"""log, log2 and log1p.

x = 2**k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2). With s = f / (2 + f), log(1 + f) is
2 artanh s, an odd series in s of which the leading terms are regrouped so that f enters unrounded.

Method: K. C. Ng's log and log1p in Sun's fdlibm (1993); the coefficients are from
benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma
from actdsl.backends.vecmath.double.exponential import two_to


def log(x: float) -> float:
    """Natural logarithm."""
    k, m = split(x)
    f = m - 1.0
    y = fma(k, 0.6931471805599453, f + fma(k, 2.3190468138462996e-17, log_tail(f)))
    return log_limits(x, y)


def log2(x: float) -> float:
    """Logarithm to base 2."""
    k, m = split(x)
    f = m - 1.0
    return log_limits(x, fma(f + log_tail(f), 1.4426950408889634, k))


def log1p(x: float) -> float:
    """log(1 + x)."""
    u = 1.0 + x
    rounded = u - 1.0
    lost = (1.0 - (u - rounded)) + (x - rounded)
    k, m = split(u)
    f = fma(lost, two_to(-1022.0 if k > 1022.0 else -k), m - 1.0)
    y = fma(k, 0.6931471805599453, f + fma(k, 2.3190468138462996e-17, log_tail(f)))
    y = x if x == 0.0 else y
    return log_limits(u, y)


def split(x: float) -> tuple[float, float]:
    """(k, m) with x = 2**k m, k integral and sqrt(1/2) <= m < sqrt(2), for x > 0."""
    subnormal = x < 2.2250738585072014e-308
    x = 18014398509481984.0 * x if subnormal else x
    # 0x3FE6A09E667F3BCD is sqrt(1/2), and 0x00095F619980C433 takes it to 1.
    moved = bits_of(x) + 0x00095F619980C433
    k = float_of(((moved >> 52) & 0x7FF) | 0x4330000000000000) - 4503599627371519.0
    k = k - 54.0 if subnormal else k
    return k, float_of((moved & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)


def log_tail(f: float) -> float:
    """log(1 + f) - f for sqrt(1/2) <= 1 + f <= sqrt(2).

    The polynomial in s**2 has degree 6 on [0, 0.0295]; error 0.04 * 2**-53.
    """
    s = f / (2.0 + f)
    z = s * s
    p = fma(0.14616585424930004, z, 0.15331710618206815)
    p = fma(p, z, 0.18182889455675091)
    p = fma(p, z, 0.22222211130259875)
    p = fma(p, z, 0.2857142862600327)
    p = fma(p, z, 0.39999999999899444)
    p = fma(p, z, 0.666666666666667)
    half_square = 0.5 * f * f
    return fma(s, fma(p, z, half_square), -half_square)


def log_limits(x: float, y: float) -> float:
    """y, but the limit of the logarithm where x is zero, negative, infinite or NaN."""
    y = y if x < math.inf else x
    y = -math.inf if x == 0.0 else y
    return math.nan if x < 0.0 else y
