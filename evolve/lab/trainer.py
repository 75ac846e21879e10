"""The native trainer: whole networks, full batch, compiled once for every candidate.

A candidate enters as calls of its native kernels (see ``actdsl.backends.training``), so a new one
costs no compilation here. The training loop allocates nothing and releases the GIL. Loss: mean
squared error. Optimiser: Adam, its learning rate falling from the given one to zero along half a
cosine. The activation's parameters train with the weights and are clamped to their bounds after
each step. What a kernel allocates itself, as those with statistics do, is beyond this loop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from actdsl.backends.training import Calls

from .adam import adam
from .call import make
from .compiled import compiled
from .kernel import LabKernel
from .network import Weights, split
from .product import product
from .recipe import Recipe

TRAINER_VERSION = 4
"""Changes whenever the same kernel, recipe and data give other weights or losses."""


class Workspace(NamedTuple):
    """What a network writes to while it trains: (rows, width) unless said otherwise."""

    z1: NDArray[Any]
    h1: NDArray[Any]
    z2: NDArray[Any]
    h2: NDArray[Any]
    dh: NDArray[Any]
    dz: NDArray[Any]
    residual: NDArray[Any]
    """(1, rows)"""
    w2_transposed: NDArray[Any]
    """(width, width)"""
    zeros: NDArray[Any]
    """(width,), and they stay zeros."""
    sums: NDArray[np.float64]
    """(2, parameters)"""


def train(
    kernel: LabKernel,
    recipe: Recipe,
    learning_rate: float,
    theta: NDArray[Any],
    x: NDArray[Any],
    y: NDArray[Any],
) -> bool:
    """Train ``theta`` in place on inputs (rows, dimension) and targets (rows,).

    Returns whether the loss stayed finite; if not, training stopped there.
    """
    shape = x.shape[1], recipe.width, kernel.params.size
    moments = np.zeros((3, theta.size), kernel.dtype)
    space = _workspace(kernel, recipe, len(x))
    weights, gradient = split(theta, *shape), split(moments[0], *shape)
    layers = _layers(kernel, weights, space)
    finite: bool = compiled(_train)(
        *(layer.joint for layer in layers),
        *(layer.pullback for layer in layers),
        weights,
        gradient,
        space,
        theta,
        moments,
        kernel.lower,
        kernel.upper,
        x,
        y,
        recipe.steps,
        learning_rate,
    )
    return finite


def predict(
    kernel: LabKernel, recipe: Recipe, theta: NDArray[Any], x: NDArray[Any]
) -> NDArray[Any]:
    """The network's outputs (rows,) at inputs (rows, dimension)."""
    space = _workspace(kernel, recipe, len(x))
    weights = split(theta, x.shape[1], recipe.width, kernel.params.size)
    layers = _layers(kernel, weights, space)
    y = np.empty(len(x), kernel.dtype)
    compiled(_forward)(*(layer.joint for layer in layers), weights, space, x, y)
    return y


def _workspace(kernel: LabKernel, recipe: Recipe, rows: int) -> Workspace:
    width = recipe.width
    z1, h1, z2, h2, dh, dz = np.empty((6, rows, width), kernel.dtype)
    return Workspace(
        *(z1, h1, z2, h2, dh, dz),
        np.empty((1, rows), kernel.dtype),
        np.empty((width, width), kernel.dtype),
        np.zeros(width, kernel.dtype),
        np.zeros((2, kernel.params.size)),
    )


def _layers(kernel: LabKernel, weights: Weights, space: Workspace) -> tuple[Calls, Calls]:
    """The calls of both hidden layers."""
    backward = space.dh, space.dz
    calls = kernel.layer.calls
    return (
        calls(space.z1, weights.a1, space.h1, *backward, space.sums[0]),
        calls(space.z2, weights.a2, space.h2, *backward, space.sums[1]),
    )


def _train(
    joint1: Any,
    joint2: Any,
    pullback1: Any,
    pullback2: Any,
    weights: Weights,
    gradient: Weights,
    space: Workspace,
    theta: Any,
    moments: Any,
    lower: Any,
    upper: Any,
    x: Any,
    y: Any,
    steps: int,
    learning_rate: float,
) -> bool:
    # Tuples are taken apart once: every array that leaves one is counted as a reference.
    _, _, w2, _, w3, _, a1, a2 = weights
    dw1, db1, dw2, db2, dw3, db3, da1, da2 = gradient
    z1, h1, _, h2, dh, dz, residual, w2_transposed, zeros, sums = space
    theta_gradient, first, second = moments[0], moments[1], moments[2]
    output = residual[0]
    rows, width = z1.shape
    real = theta.dtype.type
    for step in range(steps):
        _forward(joint1, joint2, weights, space, x, output)
        loss = 0.0
        for i in range(rows):
            output[i] -= y[i]
            loss += output[i] * output[i]
            output[i] *= real(2 / rows)
        if not np.isfinite(loss):
            return False

        db3[0] = 0
        for i in range(rows):
            db3[0] += output[i]
        product(residual, h2, zeros, dw3)
        product(residual.T, w3, zeros, dh)
        make(pullback2)
        product(h1.T, dz, zeros, dw2)
        _column_sums(dz, db2)
        for i in range(width):
            for j in range(width):
                w2_transposed[i, j] = w2[j, i]
        product(dz, w2_transposed, zeros, dh)
        make(pullback1)
        product(x.T, dz, zeros, dw1)
        _column_sums(dz, db1)

        for i in range(lower.size):
            da1[i], da2[i] = sums[0, i], sums[1, i]
        rate = learning_rate * (1 + np.cos(np.pi * step / steps)) / 2
        adam(theta, theta_gradient, first, second, step + 1, rate)
        for i in range(lower.size):
            a1[i] = min(max(a1[i], lower[i]), upper[i])
            a2[i] = min(max(a2[i], lower[i]), upper[i])
    return True


@njit(error_model="numpy")
def _forward(joint1: Any, joint2: Any, weights: Weights, space: Workspace, x: Any, y: Any) -> None:
    w1, b1, w2, b2, w3, b3, _, _ = weights
    z1, h1, z2, h2, _, _, _, _, _, _ = space
    product(x, w1, b1, z1)
    make(joint1)
    product(h1, w2, b2, z2)
    make(joint2)
    for i in range(y.size):
        y[i] = _dot(h2[i], w3[0]) + b3[0]


@njit(fastmath={"reassoc", "contract"})
def _dot(a: Any, b: Any) -> Any:
    """Summed in whatever order fills the vectors; NaN and infinity keep their meaning."""
    total = a.dtype.type(0)
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit
def _column_sums(x: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] = 0
    for i in range(x.shape[0]):
        for j in range(out.size):
            out[j] += x[i, j]
