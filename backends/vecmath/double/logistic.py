"""sigmoid and softplus, accurate in both tails."""

from __future__ import annotations

import math

from actdsl.backends.vecmath.double.exponential import exp
from actdsl.backends.vecmath.double.logarithm import log_tail


def sigmoid(x: float) -> float:
    """1 / (1 + e**-x), by way of e**-|x|, so that the left tail keeps its relative accuracy."""
    e = exp(-math.fabs(x))
    return (e if x < 0.0 else 1.0) / (1.0 + e)


def sigmoid_slope(x: float) -> float:
    """e / (1 + e)**2 with e = e**-|x|."""
    e = exp(-math.fabs(x))
    d = 1.0 + e
    return e / (d * d)


def softplus(x: float) -> float:
    """log(1 + e**x) = max(x, 0) + log1p(e**-|x|)."""
    e = exp(-math.fabs(x))
    # log(1 + e) for e in [0, 1]: above sqrt(2) - 1 the half of 1 + e is nearer to 1.
    large = e > 0.41421356237309503
    f = 0.5 * (e - 1.0) if large else e
    y = f + log_tail(f)
    y = y + 0.6931471805599453 if large else y
    return y + (x if x > 0.0 else 0.0)
