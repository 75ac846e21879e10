"""A layer's calls: what they write, against the numba target."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import actdsl
from actdsl.backends.load import load
from actdsl.backends.targets.numba import source
from actdsl.backends.training import Calls, Layer, make

TEXTS = {
    "plain": "activation f(x):\n return x * sin(x)",
    "cheap": "activation f(x):\n return relu(x)",
    "linear": "activation f(x):\n return 2 * x",
    "params": "activation f(x):\n param a = 0.5\n param b = 2 per channel\n return a * x + sin(b * x)",
    "all": "activation f(x):\n return (x - mean(x)) * amax(x) - amin(x * x)",
    "batch": "activation f(x):\n return x / (1 + std(x, batch)) + amax(x, batch)",
    "feature": "activation f(x):\n param a = 0.5\n return x - a * mean(x, feature) + var(x, feature)",
    "nested": "activation f(x):\n return x * mean(abs(x - mean(x, batch)), feature)",
    "shifted": "activation f(x):\n return x * shift(x, 2) - shift(mean(x, feature) * x, -1)",
}


@cache
def numba_target(name: str) -> ModuleType:
    return load(source(actdsl.parse(TEXTS[name])))


def layer(name: str, dtype: str, rows: int, features: int) -> tuple[Calls, dict[str, Any]]:
    program = actdsl.parse(TEXTS[name])
    rng = np.random.default_rng(1)
    arrays: dict[str, Any] = {
        k: rng.normal(size=(rows, features)).astype(dtype) for k in ("x", "y", "flow", "dx")
    }
    sizes = [features if p.per_channel else 1 for p in program.params]
    initial = [np.full(n, p.initial) for n, p in zip(sizes, program.params, strict=True)]
    arrays["params"] = np.concatenate([*initial, []]).astype(dtype)
    arrays["dparams"] = np.full(sum(sizes), np.nan)
    order = ("x", "params", "y", "flow", "dx", "dparams")
    return Layer(program, dtype).calls(*(arrays[k] for k in order)), arrays


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 3e-5)])
@pytest.mark.parametrize("shape", [(4, 3), (1, 1), (64, 32), (5, 300)], ids=str)
@pytest.mark.parametrize("name", TEXTS)
def test_calls_give_what_the_numba_target_gives(
    name: str, shape: tuple[int, int], dtype: str, tolerance: float
) -> None:
    calls, arrays = layer(name, dtype, *shape)
    for _ in range(2):  # everything is overwritten, nothing added to
        make(calls.joint)
        make(calls.pullback)
    program = actdsl.parse(TEXTS[name])
    x, flow = (arrays[k].astype(np.float64) for k in ("x", "flow"))
    per_channel = [p.per_channel for p in program.params]
    whole = {
        p.name: np.full(shape[1], p.initial) if channel else p.initial
        for p, channel in zip(program.params, per_channel, strict=True)
    }
    module = numba_target(name)
    close = {"rtol": tolerance, "atol": tolerance * shape[0]}
    np.testing.assert_allclose(arrays["y"], module.f(x, **whole), **close)
    dx, *dparams = module.f_gradient(flow, x, **whole)
    np.testing.assert_allclose(arrays["dx"], dx, **close)
    expected = np.concatenate([*(np.ravel(d) for d in dparams), []])
    np.testing.assert_allclose(arrays["dparams"], expected, rtol=tolerance, atol=1e-3 * tolerance)


def test_calls_go_to_the_memory_as_it_is_then() -> None:
    calls, arrays = layer("params", "float64", 6, 4)
    arrays["params"][:] = 1
    arrays["x"][:] = 0.5
    make(calls.joint)
    np.testing.assert_allclose(arrays["y"], 0.5 + np.sin(0.5), rtol=1e-15)


def test_a_layer_has_one_input() -> None:
    with pytest.raises(ValueError, match="swiglu takes 2 inputs; a network layer has one"):
        Layer(actdsl.zoo["swiglu"], "float32")
