"""Device mathematics for half types: NVIDIA's approximate instructions, and short polynomials.

An output of eleven bits or fewer hides their error. ``BUDGETS`` states the largest relative error
of each in float32, the instruction's own included (CUDA's PTX ISA documents those of ``ex2``,
``lg2``, ``rcp``, ``rsqrt``, ``sqrt``, ``tanh`` and ``div.full``). Not here, and therefore as exact
as in float32 kernels: sine and cosine, because the hardware's are accurate in an absolute sense
only, and beyond pi not at all; and what is rare (sinh, pow, atan).
The coefficients are from benchmarks/fit_polynomials.py.
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
    "expm1": 2**-16,  # x up to 88, as of exp
    "log": 2**-20,  # absolute between 1/2 and 2
    "log2": 2**-20,  # absolute between 1/2 and 2
    "log1p": 2**-15,
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


def expm1_quick(x: float) -> float:
    """x P(x) up to 1/2, relative error 2**-18, and exp(x) - 1 beyond."""
    p = fma(x, real(0.008333748), real(0.04210032))
    p = fma(x, p, real(0.16667816))
    p = fma(x, p, real(0.49997315))
    p = fma(x, p, real(0.9999995))
    beyond = ex2(x * real(1.4426950408889634)) - real(1.0)
    return x * p if abs(x) < real(0.5) else beyond


def log_quick(x: float) -> float:
    """log2(x) log(2)."""
    return lg2(x) * real(0.6931471805599453)


def log2_quick(x: float) -> float:
    """The instruction."""
    return lg2(x)


def log1p_quick(x: float) -> float:
    """x P(x) up to 3/8, relative error 2**-16, and log(1 + x) beyond."""
    p = fma(x, real(-0.2016916), real(0.23449527))
    p = fma(x, p, real(-0.24749897))
    p = fma(x, p, real(0.3314341))
    p = fma(x, p, real(-0.50004256))
    p = fma(x, p, real(1.0000151))
    beyond = lg2(real(1.0) + x) * real(0.6931471805599453)
    return x * p if abs(x) < real(0.375) else beyond


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
    """max(x, 0) + log1p(exp(-|x|)), where log1p(e) = e P(e) on [0, 1], relative error 2**-16."""
    e = ex2(abs(x) * real(-1.4426950408889634))
    p = fma(e, real(-0.023856523), real(0.10118845))
    p = fma(e, p, real(-0.21001628))
    p = fma(e, p, real(0.32519355))
    p = fma(e, p, real(-0.49935937))
    p = fma(e, p, real(0.99999154))
    return fma(e, p, real(0.0) if x < real(0.0) else x)


def sech2_quick(x: float) -> float:
    """4 e / (1 + e)**2 for e = exp(-2 |x|)."""
    e = ex2(abs(x) * real(-2.8853900817779268))
    d = rcp(real(1.0) + e)
    return real(4.0) * e * (d * d)


def erfc_quick(x: float) -> float:
    """exp(-x**2) t P(t) for t = 1 / (1 + 0.46 |x|), relative error 2**-16, reflected below 0.

    The form is C. Hastings's (Approximations for Digital Computers, 1955), fitted for relative error.
    """
    t = rcp(fma(abs(x), real(0.46), real(1.0)))
    p = fma(t, real(-0.12095903), real(0.22487932))
    p = fma(t, p, real(0.14553313))
    p = fma(t, p, real(0.22937976))
    p = fma(t, p, real(0.2618882))
    p = fma(t, p, real(0.25926587))
    tail = p * (t * ex2(-(x * x) * real(1.4426950408889634)))
    return real(2.0) - tail if x < real(0.0) else tail


def erf_quick(x: float) -> float:
    """x P(x**2) up to 1/2, relative error 2**-16, and 1 - erfc(x) beyond."""
    z = x * x
    p = fma(z, real(0.10325011), real(-0.37523594))
    p = fma(z, p, real(1.1283667))
    beyond = math.copysign(real(1.0) - erfc_quick(abs(x)), x)
    return x * p if abs(x) < real(0.5) else beyond
