"""log_short, log2_short and log1p_short.

x = 2**k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2). With s = f / (2 + f), log(1 + f) is
2 artanh s, an odd series in s. Subnormal numbers of float64 are taken for smaller than they are.

Method: K. C. Ng's log in Sun's fdlibm (1993), without its care for the last bits; the coefficients
are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma


def log_short(x: float) -> float:
    """Natural logarithm."""
    k, m = split_short(x)
    return log_limits_short(x, fma(k, 0.6931471805599453, log1p_centre_short(m - 1.0)))


def log2_short(x: float) -> float:
    """Logarithm to base 2."""
    k, m = split_short(x)
    return log_limits_short(x, fma(log1p_centre_short(m - 1.0), 1.4426950408889634, k))


def log1p_short(x: float) -> float:
    """log(1 + x)."""
    u = 1.0 + x
    k, m = split_short(u)
    # Near 0 the sum would lose what x is made of.
    near = math.fabs(x) < 0.25
    k = 0.0 if near else k
    f = x if near else m - 1.0
    y = fma(k, 0.6931471805599453, log1p_centre_short(f))
    y = x if x == 0.0 else y
    return log_limits_short(u, y)


def split_short(x: float) -> tuple[float, float]:
    """(k, m) with x = 2**k m, k integral and sqrt(1/2) <= m < sqrt(2), for x > 0."""
    # 0x3FE6A09E667F3BCD is sqrt(1/2), and 0x00095F619980C433 takes it to 1.
    moved = bits_of(x) + 0x00095F619980C433
    k = float_of(((moved >> 52) & 0x7FF) | 0x4330000000000000) - 4503599627371519.0
    return k, float_of((moved & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)


def log1p_centre_short(f: float) -> float:
    """log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2). Degree 3 in s**2; error 2**-35."""
    s = f / (2.0 + f)
    z = s * s
    p = fma(0.23330581938276893, z, 0.2855081659970975)
    p = fma(p, z * z, fma(0.4000012187697203, z, 0.6666666655445165))
    return s * fma(p, z, 2.0)


def log_limits_short(x: float, y: float) -> float:
    """y, but the limit of the logarithm where x is zero, negative, infinite or NaN."""
    y = y if x < math.inf else x
    y = -math.inf if x == 0.0 else y
    return math.nan if x < 0.0 else y
