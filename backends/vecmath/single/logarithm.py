"""logf, log2f and log1pf.

x = 2**k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), and log(1 + f) = f + f**2 Q(f).

The coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import bits_of, float_of, fma
from actdsl.backends.vecmath.single.rounding import roundedf
from actdsl.backends.vecmath.widths import float32, int32


def logf(x: float32) -> float32:
    """Natural logarithm."""
    k, m = splitf(x)
    return log_limitsf(x, fma(k, 0.6931472, log1p_centref(m - 1.0)))


def log2f(x: float32) -> float32:
    """Logarithm to base 2: log2(1 + f) = f P(f), degree 9; error 2**-27."""
    k, m = splitf(x)
    f = m - 1.0
    z = f * f
    p = fma(-0.109935865, f, 0.1863975)
    p = fma(p, z, fma(-0.19118965, f, 0.2045691))
    p = fma(p, z, fma(-0.23959513, f, 0.28856862))
    p = fma(p, z, fma(-0.36069787, f, 0.48089823))
    p = fma(p, z, fma(-0.72134733, f, 1.9180275e-08))
    return log_limitsf(x, k + fma(f, 1.442695, f * p))


def log1pf(x: float32) -> float32:
    """log(1 + x): 1 + f is x / 2**k + 1 / 2**k, rounded once."""
    u = 1.0 + x
    moved = moved_to_onef(u)
    # 2**-k may be subnormal, 2**(2 - k) is not.
    scale = 0.25 * float_of(-0x80000000 - (moved & -0x00800000))
    y = fma(exponentf(moved), 0.6931472, log1p_centref(fma(scale, x, scale - 1.0)))
    y = log_limitsf(u, y)
    return x if math.fabs(x) < 1.0e-08 else y


def splitf(x: float32) -> tuple[float32, float32]:
    """(k, m) with x = 2**k m, k integral and sqrt(1/2) <= m < sqrt(2), for x > 0."""
    small = x < 1.1754944e-38
    moved = moved_to_onef(x * 16777216.0 if small else x)
    k = exponentf(moved)
    return (k - 24.0 if small else k), float_of((moved & 0x007FFFFF) + 0x3F3504F3)


def moved_to_onef(x: float32) -> int32:
    """The bits of x, with those of sqrt(1/2) moved to those of 1."""
    return bits_of(x) + 0x004AFB0D


def exponentf(moved: int32) -> float32:
    return roundedf((moved >> 23) - 127)


def log1p_centref(f: float32) -> float32:
    """log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2). Q has degree 8; error 2**-27."""
    z = f * f
    q = fma(-0.076359205, z, fma(0.12763116, f, -0.13160253))
    q = fma(q, z, fma(0.14201471, f, -0.16623323))
    q = fma(q, z, fma(0.20001245, f, -0.25000823))
    q = fma(q, z, fma(0.3333333, f, -0.5))
    return fma(q, z, f)


def log_limitsf(x: float32, y: float32) -> float32:
    """y, but the limit of the logarithm where x is zero, negative, infinite or NaN."""
    y = y if x < math.inf else x
    y = -math.inf if x == 0.0 else y
    return math.nan if x < 0.0 else y
