"""Device mathematics for half types: NVIDIA's approximate instructions, and short polynomials.

An output of eleven bits or fewer hides their error. ``BUDGETS`` states the largest relative error
of each in float32, the instruction's own included (CUDA's PTX ISA documents those of ``ex2``,
``lg2``, ``rcp``, ``rsqrt``, ``sqrt``, ``tanh`` and ``div.full``). Not here, and therefore as exact
as in float32 kernels: sine and cosine, because the hardware's are accurate in an absolute sense
only, and beyond pi not at all; and whatever cancels (expm1, log1p, sinh) or is rare (pow, atan).
"""

from __future__ import annotations

import math

from actdsl.backends.cuda.stand_ins import (
    div_full,
    ex2,
    fma,
    lg2,
    rcp,
    real,
    rsqrt_approx,
    sqrt_approx,
)

BUDGETS = {
    "divide": 2**-21,  # 2 ulp, and its rounding
    "exp": 2**-16,  # abs(x) up to 88: the product with log2(e) is rounded
    "exp2": 2**-21,
    "log": 2**-20,  # absolute between 1/2 and 2
    "log2": 2**-20,  # absolute between 1/2 and 2
    "sqrt": 2**-21,
    "rsqrt": 2**-21,
    "tanh": 2**-10.9,  # the instruction's: a half ulp of float16, a sixteenth of bfloat16
    "sigmoid": 2**-16,
    "sigmoid_slope": 2**-15,
    "softplus": 2**-15,
    "sech2": 2**-15,
    "erf": 2**-14,
    "erfc": 2**-14,
}
"""Relative error by function, where the result is not below 2**-126, which may become 0."""


def divide_quick(a: float, b: float) -> float:
    """a / b, without the subroutine that rounds it properly."""
    return div_full(a, b)


def exp_quick(x: float) -> float:
    """2**(x log2(e))."""
    return ex2(x * real(1.4426950408889634))


def exp2_quick(x: float) -> float:
    """2**x."""
    return ex2(x)


def log_quick(x: float) -> float:
    """log2(x) log(2)."""
    return lg2(x) * real(0.6931471805599453)


def log2_quick(x: float) -> float:
    """The instruction."""
    return lg2(x)


def sqrt_quick(x: float) -> float:
    """The instruction."""
    return sqrt_approx(x)


def rsqrt_quick(x: float) -> float:
    """The instruction."""
    return rsqrt_approx(x)


def sigmoid_quick(x: float) -> float:
    """1 / (1 + exp(-x)): where the exponential is infinite, its reciprocal is 0."""
    return rcp(real(1.0) + ex2(x * real(-1.4426950408889634)))


def sigmoid_slope_quick(x: float) -> float:
    """sigmoid(x) sigmoid(-x), by the instructions that sigmoid(x) takes."""
    e = ex2(x * real(-1.4426950408889634))
    s = rcp(real(1.0) + e)
    return s * (real(1.0) - s if x < real(0.0) else e * s)


def softplus_quick(x: float) -> float:
    """max(x, 0) + log1p(exp(-|x|)), where log1p(e) = e P(e) on [0, 1] within 2**-16.8."""
    e = ex2(abs(x) * real(-1.4426950408889634))
    p = fma(e, real(-0.023869144960407082), real(0.10122226787138622))
    p = fma(e, p, real(-0.21004867504692287))
    p = fma(e, p, real(0.3252066748796008))
    p = fma(e, p, real(-0.4993613640311656))
    p = fma(e, p, real(0.9999915981531774))
    return fma(e, p, real(0.0) if x < real(0.0) else x)


def sech2_quick(x: float) -> float:
    """4 e / (1 + e)**2 for e = exp(-2 |x|)."""
    e = ex2(abs(x) * real(-2.8853900817779268))
    d = rcp(real(1.0) + e)
    return real(4.0) * e * (d * d)


def erfc_quick(x: float) -> float:
    """exp(-x**2) t P(t) for t = 1 / (1 + 0.46 |x|), within 2**-15.8, reflected below 0.

    The form is C. Hastings's (Approximations for Digital Computers, 1955), fitted for relative error.
    """
    t = rcp(fma(abs(x), real(0.46), real(1.0)))
    p = fma(t, real(-0.12635225376949719), real(0.24180204441883218))
    p = fma(t, p, real(0.12545025787788633))
    p = fma(t, p, real(0.24052429534162129))
    p = fma(t, p, real(0.2590342856377207))
    p = fma(t, p, real(0.25953172078613473))
    tail = p * (t * ex2(-(x * x) * real(1.4426950408889634)))
    return real(2.0) - tail if x < real(0.0) else tail


def erf_quick(x: float) -> float:
    """x P(x**2) up to 1/2, within 2**-16.4, and 1 - erfc(x) beyond."""
    z = x * x
    p = fma(z, real(0.1032673012323516), real(-0.37523908856995325))
    p = fma(z, p, real(1.1283667640327013))
    beyond = math.copysign(real(1.0) - erfc_quick(abs(x)), x)
    return x * p if abs(x) < real(0.5) else beyond
