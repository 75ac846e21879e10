"""Hand-written lab kernels, each beside the same activation in torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, exp, pi, sqrt
from typing import Any

import numpy as np
import pytest
import torch
from numba import njit

from actdsl.evolve.lab import LabKernel, joint_signature, pullback_signature


def _relu_joint(x, params, y, saved):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = max(x[i, j], 0)
            saved[i, j] = x[i, j] > 0


def _gelu_joint(x, params, y, saved):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            v = x[i, j]
            below = erfc(-v / sqrt(2.0)) / 2
            y[i, j] = v * below
            saved[i, j] = below + v * exp(-v * v / 2) / sqrt(2 * pi)


def _pointwise_pullback(x, saved, cotangent, params, dx, dparams):
    dx[:] = saved * cotangent


def _snake_joint(x, params, y, saved):
    a = params[0]
    y[:] = x + np.sin(a * x) ** 2 / a
    saved[:] = 1 + np.sin(2 * a * x)


def _snake_pullback(x, saved, cotangent, params, dx, dparams):
    a = params[0]
    dx[:] = saved * cotangent
    by_a = x * np.sin(2 * a * x) / a - (np.sin(a * x) / a) ** 2
    dparams[0] = (by_a * cotangent).sum()


def _centred_tanh_joint(x, params, y, saved):
    saved[:] = np.tanh(x)
    for j in range(x.shape[1]):
        y[:, j] = saved[:, j] - saved[:, j].mean()


def _centred_tanh_pullback(x, saved, cotangent, params, dx, dparams):
    for j in range(x.shape[1]):
        dx[:, j] = (1 - saved[:, j] ** 2) * (cotangent[:, j] - cotangent[:, j].mean())


def _exploding_joint(x, params, y, saved):
    y[:] = np.exp(x * x)
    saved[:] = 2 * x * y


def _nan_joint(x, params, y, saved):
    y[:] = np.nan
    saved[:] = 0


@dataclass(frozen=True)
class Hand:
    """An activation twice: numba sources with parameters and bounds, and torch."""

    joint: Callable[..., None]
    pullback: Callable[..., None]
    torch: Callable[[Any, Any], Any]
    params: tuple[float, ...] = ()
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()


HANDS = {
    "relu": Hand(_relu_joint, _pointwise_pullback, lambda x, _: torch.relu(x)),
    "gelu": Hand(_gelu_joint, _pointwise_pullback, lambda x, _: torch.nn.functional.gelu(x)),
    "snake": Hand(
        _snake_joint,
        _snake_pullback,
        lambda x, a: x + torch.sin(a * x) ** 2 / a,
        params=(1.0,),
        lower=(0.9,),
        upper=(2.0,),
    ),
    "centred_tanh": Hand(
        _centred_tanh_joint,
        _centred_tanh_pullback,
        lambda x, _: torch.tanh(x) - torch.tanh(x).mean(dim=0),
    ),
    "exploding": Hand(_exploding_joint, _pointwise_pullback, lambda x, _: torch.exp(x * x)),
    "nan": Hand(_nan_joint, _pointwise_pullback, lambda x, _: x * torch.nan),
}


@pytest.fixture(scope="session")
def hands() -> dict[str, Hand]:
    return HANDS


@pytest.fixture(scope="session")
def compiled() -> Callable[..., LabKernel]:
    """``compiled(name, dtype)``: the named activation's kernel, compiled once a session."""
    cache: dict[tuple[str, str], LabKernel] = {}

    def compile_kernel(name: str, dtype: str = "float32") -> LabKernel:
        if (name, dtype) not in cache:
            hand = HANDS[name]
            cache[name, dtype] = LabKernel(
                joint=njit(joint_signature(dtype))(hand.joint),
                pullback=njit(pullback_signature(dtype))(hand.pullback),
                params=np.array(hand.params, dtype),
                lower=np.array(hand.lower, dtype),
                upper=np.array(hand.upper, dtype),
            )
        return cache[name, dtype]

    return compile_kernel
