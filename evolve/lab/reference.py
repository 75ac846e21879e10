"""The slow trainer in plain torch: the same mathematics step by step, for tests to compare with."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .adam import BETA1, BETA2, EPSILON
from .network import split
from .recipe import Recipe

Activation = Callable[[Any, Any], Any]
"""Takes the tensors x (rows, width) and params (parameters,), gives a tensor like x."""


def train(
    activation: Activation,
    lower: NDArray[Any],
    upper: NDArray[Any],
    recipe: Recipe,
    learning_rate: float,
    theta: NDArray[Any],
    x: NDArray[Any],
    y: NDArray[Any],
) -> NDArray[Any]:
    """The weights that ``trainer.train`` should reach from ``theta``; the input is left alone.

    Gradients are autograd's and updates ``torch.optim.Adam``'s, in the arrays' own type.
    """
    import torch

    weights = torch.tensor(theta, requires_grad=True)
    inputs, targets = torch.tensor(x), torch.tensor(y)
    low, high = (torch.tensor(np.concatenate([bound, bound])) for bound in (lower, upper))
    optimiser = torch.optim.Adam([weights], betas=(BETA1, BETA2), eps=EPSILON)
    for step in range(recipe.steps):
        rate = learning_rate * (1 + cos(pi * step / recipe.steps)) / 2
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        residual = predict(activation, recipe.width, lower.size, weights, inputs) - targets
        (residual**2).mean().backward()
        optimiser.step()
        with torch.no_grad():
            own = weights[weights.numel() - low.numel() :]
            own.copy_(torch.clamp(own, low, high))
    result: NDArray[Any] = weights.detach().numpy()
    return result


def predict(activation: Activation, width: int, count: int, weights: Any, inputs: Any) -> Any:
    """The network's outputs (rows,) for a weight tensor with ``count`` parameters a layer."""
    w1, b1, w2, b2, w3, b3, a1, a2 = split(weights, inputs.shape[1], width, count)
    hidden = activation(inputs @ w1 + b1, a1)
    hidden = activation(hidden @ w2 + b2, a2)
    return hidden @ w3[0] + b3
