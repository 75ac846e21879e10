"""The lab's network: input, two hidden layers of equal width, one output.

All weights live in one flat vector, so that the optimiser is a single loop. In order:
w1 (dimension, width), b1 (width,), w2 (width, width), b2 (width,), w3 (1, width), b3 (1,) and the
activation's parameters of the first and of the second hidden layer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernel import LabKernel
from .recipe import Recipe


class Weights(NamedTuple):
    """Views of a flat vector; ``a1`` and ``a2`` are the two layers' parameters."""

    w1: Any
    b1: Any
    w2: Any
    b2: Any
    w3: Any
    b3: Any
    a1: Any
    a2: Any


def split(theta: Any, dimension: int, width: int, count: int) -> Weights:
    """The parts of flat arrays or tensors (..., numbers), for ``count`` parameters a layer."""
    b1 = dimension * width
    w2 = b1 + width
    b2 = w2 + width * width
    w3 = b2 + width
    b3 = w3 + width
    a1 = b3 + 1
    a2 = a1 + count
    before = theta.shape[:-1]
    return Weights(
        theta[..., :b1].reshape((*before, dimension, width)),
        theta[..., b1:w2],
        theta[..., w2:b2].reshape((*before, width, width)),
        theta[..., b2:w3],
        theta[..., w3:b3].reshape((*before, 1, width)),
        theta[..., b3:a1],
        theta[..., a1:a2],
        theta[..., a2 : a2 + count],
    )


def numbers(dimension: int, width: int, count: int) -> int:
    """How long the flat vector is."""
    return (dimension + width + 3) * width + 1 + 2 * count


def initial(
    rng: np.random.Generator, dimension: int, recipe: Recipe, kernel: LabKernel
) -> NDArray[Any]:
    """Fresh weights: layer by layer, weights and biases uniform in +-1/sqrt(fan in).

    This is the default of ``torch.nn.Linear``. The draws do not depend on the candidate: its gain,
    if the recipe corrects for it, multiplies the weights that follow an activation, and its
    parameters come at the end.
    """
    width = recipe.width
    layers = [
        rng.uniform(-bound, bound, (fan_in + 1) * fan_out)
        for fan_in, fan_out in ((dimension, width), (width, width), (width, 1))
        for bound in (fan_in**-0.5,)
    ]
    theta = np.concatenate([*layers, kernel.params, kernel.params]).astype(kernel.dtype)
    if recipe.gain_correction:
        weights = split(theta, dimension, width, kernel.params.size)
        weights.w2[:] *= kernel.gain
        weights.w3[:] *= kernel.gain
    return theta
