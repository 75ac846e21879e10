"""Rows for the logistic function and the error functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np

from actdsl.ops.functions import gaussian, sigmoid_slope, tanh
from actdsl.ops.row import ONE_REAL, Family, Op

_FAMILY = Family.SIGMOIDAL
_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


def _sigmoid_slope(a: Any) -> Any:
    e = np.exp(-np.abs(a))
    return e / (1 + e) ** 2


ROWS = (
    Op(
        name="sigmoid", family=_FAMILY, doc="1 / (1 + exp(-x)), without overflow.",
        operands=ONE_REAL, cost=15, transcendental=True,
        partials=lambda a, y: (sigmoid_slope(a),),
        numpy=lambda a: np.exp(np.minimum(a, 0)) / (1 + np.exp(-np.abs(a))),
        mpmath=lambda a: 1 / (1 + mp.exp(-a)),
        torch="torch.sigmoid({0})", numba="sigmoid({0})", cuda="sigmoid({0})",
        jax="jax.nn.sigmoid({0})",
        latex=r"\sigma\left({0}\right)",
    ),
    Op(
        name="sigmoid_slope", family=_FAMILY, doc="sigmoid(x) sigmoid(-x), the slope of the sigmoid.",
        operands=ONE_REAL, cost=15, transcendental=True,
        partials=lambda a, y: (-(tanh(0.5 * a) * y),),
        numpy=_sigmoid_slope, mpmath=lambda a: mp.sech(a / 2) ** 2 / 4,
        torch="(torch.sigmoid({0}) * torch.sigmoid(-{0}))", numba="sigmoid_slope({0})",
        cuda="(sigmoid({0}) * sigmoid(-{0}))",
        jax="(jax.nn.sigmoid({0}) * jax.nn.sigmoid(-{0}))",
        latex=r"\sigma'\left({0}\right)",
    ),
    Op(
        name="erf", family=_FAMILY, doc="Error function.", operands=ONE_REAL, cost=16,
        transcendental=True, partials=lambda a, y: (_TWO_OVER_ROOT_PI * gaussian(a),),
        numpy=lambda a: _each(math.erf, a), mpmath=mp.erf,
        torch="torch.erf({0})", numba="erf({0})", cuda="math.erf({0})", jax="jax.scipy.special.erf({0})",
        latex=r"\operatorname{{erf}}\left({0}\right)",
    ),
    Op(
        name="erfc", family=_FAMILY, doc="1 - erf(x), accurate in the right tail.",
        operands=ONE_REAL, cost=20, transcendental=True,
        partials=lambda a, y: (-_TWO_OVER_ROOT_PI * gaussian(a),),
        numpy=lambda a: _each(math.erfc, a), mpmath=mp.erfc,
        torch="torch.special.erfc({0})", numba="erfc({0})", cuda="math.erfc({0})",
        jax="jax.scipy.special.erfc({0})",
        latex=r"\operatorname{{erfc}}\left({0}\right)",
    ),
    Op(
        name="gaussian", family=_FAMILY, doc="exp(-x**2), up to a factor the slope of erf and erfc.",
        operands=ONE_REAL, cost=11, transcendental=True,
        partials=lambda a, y: (-2.0 * (a * y),),
        numpy=lambda a: np.exp(-a * a), mpmath=lambda a: mp.exp(-a * a),
        torch="torch.exp(-{0} * {0})", numba="gaussian({0})", cuda="math.exp(-({0} * {0}))",
        jax="jnp.exp(-{0} * {0})",
        latex=r"e^{{-\left({0}\right)^{{2}}}}",
    ),
)  # fmt: skip


def _each(function: Callable[[float], float], a: Any) -> Any:
    array = np.asarray(a)
    return np.asarray(np.vectorize(function, otypes=[np.float64])(array)).astype(array.dtype)
