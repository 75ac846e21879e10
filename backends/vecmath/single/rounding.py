"""From other types to float32."""

from __future__ import annotations

from actdsl.backends.vecmath.widths import float32


def roundedf(x: float32) -> float32:
    """A number of any type as the nearest float32: what is given to a function takes its type."""
    return x
