"""The native trainer: whole networks, full batch, compiled once for every candidate.

A candidate enters as two function pointers (see ``LabKernel``), so a new one costs no compilation
here. Matrix products go to BLAS through ``np.dot``; the training loop allocates nothing and
releases the GIL. Loss: mean squared error. Optimiser: Adam, its learning rate falling from the
given one to zero along half a cosine. The activation's parameters train with the weights and are
clamped to their bounds after each step.

The compiled code is cached on disk. numba renews the cache when this file changes, not when only
``adam`` or ``network`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import boolean, float64, int64, njit, types
from numpy.typing import DTypeLike, NDArray

from .adam import adam
from .kernel import LabKernel, array_types, joint_signature, pullback_signature
from .network import split


@dataclass(frozen=True)
class Recipe:
    """What every candidate trains with: hidden width, number of steps, first learning rate."""

    width: int
    steps: int
    learning_rate: float


def train(
    kernel: LabKernel, recipe: Recipe, theta: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> bool:
    """Train ``theta`` in place on inputs (rows, dimension) and targets (rows,).

    Returns whether the loss stayed finite; if not, training stopped there.
    """
    finite: bool = _compiled_train(kernel.dtype)(
        kernel.joint,
        kernel.pullback,
        theta,
        kernel.lower,
        kernel.upper,
        x,
        y,
        recipe.width,
        recipe.steps,
        recipe.learning_rate,
    )
    return finite


def predict(
    kernel: LabKernel, recipe: Recipe, theta: NDArray[Any], x: NDArray[Any]
) -> NDArray[Any]:
    """The network's outputs (rows,) at inputs (rows, dimension)."""
    y = np.empty(len(x), kernel.dtype)
    _compiled_predict(kernel.dtype)(kernel.joint, theta, x, y, recipe.width, kernel.params.size)
    return y


@cache
def _compiled_train(dtype: DTypeLike) -> Callable[..., bool]:
    matrix, vector = array_types(dtype)
    joint = types.FunctionType(joint_signature(dtype))
    pullback = types.FunctionType(pullback_signature(dtype))
    signature = boolean(
        joint, pullback, vector, vector, vector, matrix, vector, int64, int64, float64
    )
    compiled: Callable[..., bool] = njit(signature, nogil=True, cache=True)(_train)
    return compiled


@cache
def _compiled_predict(dtype: DTypeLike) -> Callable[..., None]:
    matrix, vector = array_types(dtype)
    joint = types.FunctionType(joint_signature(dtype))
    signature = types.void(joint, vector, matrix, vector, int64, int64)
    compiled: Callable[..., None] = njit(signature, nogil=True, cache=True)(_predict)
    return compiled


def _train(
    joint: Any,
    pullback: Any,
    theta: Any,
    lower: Any,
    upper: Any,
    x: Any,
    y: Any,
    width: int,
    steps: int,
    learning_rate: float,
) -> bool:
    rows, dimension = x.shape
    count = lower.size
    real = theta.dtype.type
    gradient, first, second = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)
    w1, b1, w2, b2, w3, b3, a1, a2 = split(theta, dimension, width, count)
    dw1, db1, dw2, db2, dw3, db3, da1, da2 = split(gradient, dimension, width, count)
    z1, h1, saved1 = _matrices(rows, width, theta)
    z2, h2, saved2 = _matrices(rows, width, theta)
    dh, dz, _ = _matrices(rows, width, theta)
    output = np.empty_like(y)
    for step in range(steps):
        _affine(x, w1, b1, z1)
        joint(z1, a1, h1, saved1)
        _affine(h1, w2, b2, z2)
        joint(z2, a2, h2, saved2)
        np.dot(h2, w3, output)

        loss = 0.0
        for i in range(rows):
            residual = output[i] + b3[0] - y[i]
            loss += residual * residual
            output[i] = residual * real(2 / rows)
        if not np.isfinite(loss):
            return False

        db3[0] = output.sum()
        np.dot(h2.T, output, dw3)
        for i in range(rows):
            for j in range(width):
                dh[i, j] = output[i] * w3[j]
        pullback(z2, saved2, dh, a2, dz, da2)
        np.dot(h1.T, dz, dw2)
        _column_sums(dz, db2)
        np.dot(dz, w2.T, dh)
        pullback(z1, saved1, dh, a1, dz, da1)
        np.dot(x.T, dz, dw1)
        _column_sums(dz, db1)

        rate = learning_rate * (1 + np.cos(np.pi * step / steps)) / 2
        adam(theta, gradient, first, second, step + 1, rate)
        for i in range(count):
            a1[i] = min(max(a1[i], lower[i]), upper[i])
            a2[i] = min(max(a2[i], lower[i]), upper[i])
    return True


def _predict(joint: Any, theta: Any, x: Any, y: Any, width: int, count: int) -> None:
    rows, dimension = x.shape
    w1, b1, w2, b2, w3, b3, a1, a2 = split(theta, dimension, width, count)
    z, h, saved = _matrices(rows, width, theta)
    _affine(x, w1, b1, z)
    joint(z, a1, h, saved)
    _affine(h, w2, b2, z)
    joint(z, a2, h, saved)
    np.dot(h, w3, y)
    for i in range(rows):
        y[i] += b3[0]


@njit
def _matrices(rows: int, width: int, like: Any) -> Any:
    shape = (rows, width)
    return np.empty(shape, like.dtype), np.empty(shape, like.dtype), np.empty(shape, like.dtype)


@njit
def _affine(x: Any, weight: Any, bias: Any, out: Any) -> None:
    np.dot(x, weight, out)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += bias[j]


@njit
def _column_sums(x: Any, out: Any) -> None:
    out[:] = 0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[j] += x[i, j]
