"""Adam (Kingma and Ba, arXiv:1412.6980) over one flat vector, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

BETA1 = 0.9
BETA2 = 0.999
EPSILON = 1e-8


@njit(error_model="numpy")
def adam(
    theta: Any, gradient: Any, first: Any, second: Any, step: int, learning_rate: float
) -> None:
    """One update of ``theta`` and of its moments, in place; ``step`` counts from 1."""
    # Scalars in the arrays' own type: a float64 among them would halve the vector width.
    real = theta.dtype.type
    one, beta1, beta2, epsilon = real(1), real(BETA1), real(BETA2), real(EPSILON)
    rate = real(learning_rate / (1 - BETA1**step))
    unbias = real(1 / np.sqrt(1 - BETA2**step))
    for i in range(theta.size):
        first[i] = beta1 * first[i] + (one - beta1) * gradient[i]
        second[i] = beta2 * second[i] + (one - beta2) * gradient[i] * gradient[i]
        theta[i] -= rate * first[i] / (np.sqrt(second[i]) * unbias + epsilon)
