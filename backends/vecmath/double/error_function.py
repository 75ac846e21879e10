"""erf, erfc and gaussian.

Up to 0.477, where erf is 1/2, erf x = x (1 + P(x**2)). Beyond, erfc x = exp(-x**2) t R(t) with
t = 2.75 / (x + 2.75), which maps the right half line to an interval, so erfc keeps its relative
accuracy until it underflows.

Method: M. M. Shepherd and J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x**2) erfc x
in 0 <= x < infinity, Mathematics of Computation 36 (1981), with another factor; the coefficients
are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.double.exponential import exp_sum


def erf(x: float) -> float:
    """Error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x."""
    tail = math.copysign(1.0 - erfc_right(math.fabs(x)), x)
    return erf_centre(x) if math.fabs(x) < 0.477 else tail


def erfc(x: float) -> float:
    """1 - erf x, accurate in the right tail until it underflows at 26.5."""
    tail = erfc_right(math.fabs(x))
    tail = 2.0 - tail if x < 0.0 else tail
    return 1.0 - erf_centre(x) if math.fabs(x) < 0.477 else tail


def gaussian(x: float) -> float:
    """exp(-x**2). Beyond 28 it is 0, and powers of x would leave the range."""
    a = math.fabs(x)
    a = 28.0 if a > 28.0 else a
    square = a * a
    return exp_sum(-square, fma(-a, a, square))


def erf_centre(x: float) -> float:
    """erf x for |x| <= 0.48. P has degree 8; error 0.14 * 2**-53."""
    z = x * x
    p = fma(1.4854692373879545e-06, z, -1.4857456814367817e-05)
    p = fma(p, z, 0.000120537583748377)
    p = fma(p, z, -0.0008548305753808224)
    p = fma(p, z, 0.0052239774563486155)
    p = fma(p, z, -0.026866170637571286)
    p = fma(p, z, 0.11283791670938181)
    p = fma(p, z, -0.37612638903183604)
    p = fma(p, z, 0.12837916709551256)
    return fma(p, x, x)


def erfc_right(a: float) -> float:
    """erfc a for a >= 0.475. R has degree 20 in t - 0.4375; error 0.2 * 2**-53."""
    a = 28.0 if a > 28.0 else a
    square = a * a
    square_low = fma(a, a, -square)
    d = a + 2.75
    t = 2.75 / d
    # The rounding error of t, which would weigh up to fourfold in R.
    d_low = (2.75 - d) + a
    t_low = fma(-t, d_low, fma(-t, d, 2.75)) * (0.36363636363636365 * t)
    v = (t - 0.4375) + t_low
    # Even and odd powers apart: two chains half as long keep both multipliers busy.
    w = v * v
    even = fma(0.008628313379534788, w, -0.00928952597919888)
    even = fma(even, w, 0.004386288939355034)
    even = fma(even, w, 0.0010583789288826247)
    even = fma(even, w, -0.005115124216208253)
    even = fma(even, w, 0.005134456930661113)
    even = fma(even, w, 0.010773958547087943)
    even = fma(even, w, -0.09384299576898626)
    even = fma(even, w, 0.3870822289229153)
    even = fma(even, w, 0.6434591779092569)
    even = fma(even, w, 0.3516143799118791)
    odd = fma(-0.009952888297398174, w, 0.018131848729992173)
    odd = fma(odd, w, -0.022850799083618437)
    odd = fma(odd, w, 0.027683487278180548)
    odd = fma(odd, w, -0.036769860814585546)
    odd = fma(odd, w, 0.05630491872134363)
    odd = fma(odd, w, -0.09308605827134538)
    odd = fma(odd, w, 0.09641191690513694)
    odd = fma(odd, w, 0.6038436649228334)
    odd = fma(odd, w, 0.5286861607690293)
    r = fma(odd, v, even)
    return exp_sum(-square, -square_low) * fma(t, r, t_low * r)
