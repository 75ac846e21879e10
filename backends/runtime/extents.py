"""A tensor's shape as kernels see it: batch, middle, features."""

from __future__ import annotations

import math
from collections.abc import Sequence


def extents(shape: Sequence[int]) -> tuple[int, int, int]:
    """Sizes of the first axis, of those between, and of the last; a vector is one row."""
    if len(shape) < 2:
        return 1, 1, math.prod(shape)
    return shape[0], math.prod(shape[1:-1]), shape[-1]
