"""powf, the real power, in float64: y multiplies the error of log x."""

from __future__ import annotations

from actdsl.backends.vecmath.short.power import pow_short
from actdsl.backends.vecmath.single.rounding import roundedf
from actdsl.backends.vecmath.widths import float32


def powf(x: float32, y: float32) -> float32:
    """x**y with C's special cases; NaN for x < 0 and y not an integer."""
    return roundedf(pow_short(x, y))
