"""pow_short, the real power.

x**y = 2**(y log2 |x|). log2 |x| is carried to about 2**-49, because y multiplies its error.

The coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma, round_even
from actdsl.backends.vecmath.short.exponential import exp2_short
from actdsl.backends.vecmath.short.logarithm import log_limits_short, split_short


def pow_short(x: float, y: float) -> float:
    """x**y with C's special cases; NaN for x < 0 and y not an integer."""
    a = math.fabs(x)
    magnitude = exp2_short(y * log2_precisely_short(a))
    magnitude = 1.0 if a == 1.0 else magnitude
    whole = round_even(y) == y
    odd = whole and round_even(0.5 * y) != 0.5 * y
    negative = math.copysign(1.0, x) < 0.0
    magnitude = -magnitude if negative and odd else magnitude
    magnitude = math.nan if x < 0.0 and not whole and a < math.inf else magnitude
    return 1.0 if y == 0.0 or x == 1.0 else magnitude


def log2_precisely_short(a: float) -> float:
    """log2 a for a >= 0; degree 5 in s**2; error 2**-49."""
    k, m = split_short(a)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    p = fma(
        fma(0.1662194709021702, z, 0.18140185202490042),
        w,
        fma(0.22222862476849634, z, 0.2857142413651635),
    )
    p = fma(p, w, fma(0.400000000112122, z, 0.6666666666666208))
    return log_limits_short(a, fma(s * fma(p, z, 2.0), 1.4426950408889634, k))
