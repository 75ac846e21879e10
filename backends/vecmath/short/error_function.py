"""erf_short, erfc_short and gaussian_short, by rational functions.

erfc a = exp(-a**2) R(a) on the right half line, so that the tail keeps its relative accuracy, and
shares its exponential with its derivative. erf x = x S(x**2) up to
|x| = 4.6, where 1 - erf x is 2**-33.

Method: W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of
Computation 23 (1969), with one interval each; the coefficients are from
benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

import math

from actdsl.backends.vecmath.bits import fma
from actdsl.backends.vecmath.short.exponential import exp_short


def erf_short(x: float) -> float:
    """Error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x. Error 2**-33."""
    x = 4.6 if x > 4.6 else x
    x = -4.6 if x < -4.6 else x
    z = x * x
    w = z * z
    p = fma(
        fma(2.7277625924044662e-09, z, 9.216481874564814e-07),
        w,
        fma(3.326222669522066e-05, z, 0.0006247784541284407),
    )
    p = fma(p, w, fma(0.006516855894444751, z, 0.06338089077557818))
    p = fma(p, w, fma(0.23227511201515014, z, 1.1283791669823662))
    q = fma(
        fma(7.633292252118675e-08, z, 6.524563623238218e-06),
        w,
        fma(0.00014998668338683376, z, 0.0021607642885049416),
    )
    q = fma(q, w, fma(0.020965693458983452, z, 0.1358971516766424))
    q = fma(q, w, fma(0.5391817869436911, z, 1.0))
    return x * (p / q)


def gaussian_short(x: float) -> float:
    """exp(-x**2)."""
    return exp_short(-(x * x))


def erfc_short(x: float) -> float:
    """1 - erf x. R is the quotient of degree 5 over 6 on [0, 10.3]; error 2**-33."""
    tail = gaussian_short(x)
    a = math.fabs(x)
    # Beyond 28 the exponential is 0, and powers of a would leave the range.
    a = 28.0 if a > 28.0 else a
    z = a * a
    p = fma(
        fma(0.010058342510399994, a, 0.09310704464917435),
        z,
        fma(0.40325683045860977, a, 1.0020732093270128),
    )
    p = fma(p, z, fma(1.4353558933453432, a, 0.9999999999152097))
    q = fma(0.017827970162488962, z, fma(0.16502688270136218, a, 0.7236904672233374))
    q = fma(q, z, fma(1.8583609527775147, a, 2.894938674494717))
    q = fma(q, z, fma(2.5637350492224966, a, 1.0))
    y = tail * (p / q)
    return 2.0 - y if x < 0.0 else y
