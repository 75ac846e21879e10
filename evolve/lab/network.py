"""The lab's network: input, two hidden layers of equal width, one output.

All weights live in one flat vector, so that the optimiser is a single loop. In order:
w1 (dimension, width), b1 (width,), w2 (width, width), b2 (width,), w3 (width,), b3 (1,) and the
activation's parameters of the first and of the second hidden layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .kernel import LabKernel


@njit(inline="always")
def split(theta: Any, dimension: int, width: int, count: int) -> tuple[Any, ...]:
    """Views of the flat vector: w1, b1, w2, b2, w3, b3 and the two layers' ``count`` parameters.

    The plain function (``split.py_func``) splits torch tensors as well.
    """
    b1 = dimension * width
    w2 = b1 + width
    b2 = w2 + width * width
    w3 = b2 + width
    b3 = w3 + width
    a1 = b3 + 1
    a2 = a1 + count
    return (
        theta[:b1].reshape((dimension, width)),
        theta[b1:w2],
        theta[w2:b2].reshape((width, width)),
        theta[b2:w3],
        theta[w3:b3],
        theta[b3:a1],
        theta[a1:a2],
        theta[a2:],
    )


def initial(
    rng: np.random.Generator, dimension: int, width: int, kernel: LabKernel
) -> NDArray[Any]:
    """Fresh weights: layer by layer, weights and biases uniform in +-1/sqrt(fan in).

    This is the default of ``torch.nn.Linear``. The draws do not depend on the candidate, whose
    parameters only follow at the end.
    """
    layers = [
        rng.uniform(-bound, bound, (fan_in + 1) * fan_out)
        for fan_in, fan_out in ((dimension, width), (width, width), (width, 1))
        for bound in (fan_in**-0.5,)
    ]
    return np.concatenate([*layers, kernel.params, kernel.params]).astype(kernel.dtype)
