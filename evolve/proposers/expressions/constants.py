"""The numbers that proposals are written with: few digits, of order one."""

from __future__ import annotations

import numpy as np

_ROUND = (0.1, 0.2, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
_SPREAD = 0.8
_STEP = 0.4


def few_digits(value: float) -> float:
    """The number rounded to three significant digits."""
    return float(f"{value:.3g}")


def scale(rng: np.random.Generator) -> float:
    """A positive number of order one: half of the time a round one, else log-normal."""
    if rng.random() < 0.5:
        return float(rng.choice(_ROUND))
    return few_digits(float(np.exp(rng.normal(0.0, _SPREAD))))


def signed(rng: np.random.Generator) -> float:
    """A number of order one of either sign."""
    return scale(rng) * float(rng.choice((-1.0, 1.0)))


def jittered(rng: np.random.Generator, value: float) -> float:
    """The number a little larger or smaller, or, one time in eight, of the other sign."""
    if value == 0:
        return few_digits(rng.normal(0.0, _STEP))
    flip = -1.0 if rng.random() < 0.125 else 1.0
    return few_digits(flip * value * float(np.exp(rng.normal(0.0, _STEP))))
