"""What an activation does to the size of a signal, so that initial weights can make up for it.

Weights drawn for a ReLU explode or vanish behind an activation that gives much larger or smaller
numbers, and the score would then tell of the first steps and not of the activation. So the
weights behind it are multiplied by ``gain = sqrt(E[relu(z)^2] / E[f(z)^2])`` with z from a standard
normal distribution (He et al., arXiv:1502.01852, for any f). The second moment, unlike the
variance or the slope, is what the next layer's sums are made of, for odd functions as well.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.training import Layer, make

LARGEST_GAIN = 10.0
"""Gains are kept between its inverse and this; nothing finite can be told of what is not."""

_ROWS = 128


def gain(layer: Layer, params: NDArray[np.floating], width: int) -> float:
    """The gain of a layer with its initial parameters, on a fixed batch of (128, width) inputs."""
    x = _normal(_ROWS * width).reshape(_ROWS, width)
    own = _second_moment(layer, params, x.astype(params.dtype))
    if not np.isfinite(own):
        return 1.0
    relu = float(np.mean(np.maximum(x, 0) ** 2))
    return float(np.sqrt(relu / max(own, 1e-300)).clip(1 / LARGEST_GAIN, LARGEST_GAIN))


def _second_moment(layer: Layer, params: NDArray[np.floating], x: NDArray[np.floating]) -> float:
    y, unused = np.empty_like(x), np.empty_like(x)
    calls = layer.calls(x, params, y, unused, unused, np.empty(params.size))
    make(calls.joint)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean(y.astype(np.float64) ** 2))


@cache
def _normal(count: int) -> NDArray[np.float64]:
    """As many quantiles of the standard normal distribution, in an order that means nothing."""
    quantile = NormalDist().inv_cdf
    values = np.array([quantile((k + 0.5) / count) for k in range(count)])
    np.random.default_rng(0).shuffle(values)
    return values
