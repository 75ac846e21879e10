"""What the backends' tests share: programs from text, and errors in units in the last place."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest


def ulps(computed: np.ndarray[Any, Any], exact: list[Any], dtype: type) -> np.ndarray[Any, Any]:
    """Distance from the exact values in units in the last place of the rounded exact value."""
    with np.errstate(over="ignore"):
        rounded = np.array([float(e) for e in exact]).astype(dtype)
    spacing = np.spacing(np.abs(rounded)).astype(np.float64)
    errors = [float(abs(mp.mpf(float(c)) - e)) for c, e in zip(computed, exact, strict=True)]
    return np.array(errors) / spacing


@pytest.fixture
def ulp_distance() -> Any:
    """The function :func:`ulps`."""
    return ulps
