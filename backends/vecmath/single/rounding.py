"""From other types to float32, and from anything to a small correction."""

from __future__ import annotations

import math

from actdsl.backends.vecmath.widths import float32


def roundedf(x: float32) -> float32:
    """A number of any type as the nearest float32: what is given to a function takes its type."""
    return x


def boundedf(low: float32) -> float32:
    """0 for what is no small correction: NaN, infinite, or 2**-8 and more."""
    return low if math.fabs(low) < 0.00390625 else 0.0
