"""The prelude against torch, where torch has the function, and against mpmath for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.grammar import PRELUDE
from actdsl.ir import call, const, input
from actdsl.lower import lower
from actdsl.reference import reference

Function = Callable[..., Any]

X = input("x")
LINE = np.concatenate(
    [np.linspace(-12, 12, 481), [-1e-3, -1e-8, 1e-8, 1e-3, 0.99, 1.01, 40.0, -40.0]]
)

# Arguments after x, torch's function of the same, and its kinks.
TORCH: dict[str, tuple[tuple[float, ...], Function, tuple[float, ...]]] = {
    "gelu": ((), F.gelu, ()),
    "gelu_tanh": ((), lambda x: F.gelu(x, approximate="tanh"), ()),
    "silu": ((), F.silu, ()),
    "swish": ((), F.silu, ()),
    "mish": ((), F.mish, ()),
    "elu": ((2.5,), lambda x: F.elu(x, 2.5), (0,)),
    "selu": ((), F.selu, (0,)),
    "celu": ((2.5,), lambda x: F.celu(x, 2.5), (0,)),
    "leaky_relu": ((0.2,), lambda x: F.leaky_relu(x, 0.2), (0,)),
    "prelu": ((0.25,), lambda x: F.prelu(x, torch.tensor([0.25], dtype=x.dtype)), (0,)),
    "rrelu": ((0.1, 0.3), lambda x: F.rrelu(x, 0.1, 0.3, training=False), (0,)),
    "relu_squared": ((), lambda x: F.relu(x) ** 2, (0,)),
    "relu6": ((), F.relu6, (0, 6)),
    "hardtanh": ((-2.0, 0.5), lambda x: F.hardtanh(x, -2.0, 0.5), (-2, 0.5)),
    "hardsigmoid": ((), F.hardsigmoid, (-3, 3)),
    "hardswish": ((), F.hardswish, (-3, 3)),
    "hardshrink": ((0.75,), lambda x: F.hardshrink(x, 0.75), (-0.75, 0.75)),
    "softshrink": ((0.75,), lambda x: F.softshrink(x, 0.75), (-0.75, 0.75)),
    "tanhshrink": ((), F.tanhshrink, ()),
    "softsign": ((), F.softsign, (0,)),
    "logsigmoid": ((), F.logsigmoid, ()),
    "threshold": ((0.5, -3.0), lambda x: F.threshold(x, 0.5, -3.0), (0.5,)),
    "glu": ((1.5,), lambda x: x * torch.sigmoid(torch.tensor(1.5, dtype=x.dtype)), ()),
}

# The same for functions that torch lacks, with their definitions in mpmath.
EXACT: dict[str, tuple[tuple[float, ...], Function]] = {
    "square": ((), lambda x: x**2),
    "cube": ((), lambda x: x**3),
    "quick_gelu": ((), lambda x: x / (1 + mp.exp(-mp.mpf(1.702) * x))),
    "tanh_deficit": (
        (),
        lambda z: (mp.sqrt(z) - mp.tanh(mp.sqrt(z))) / mp.sqrt(z) ** 3 if z else mp.mpf(1) / 3,
    ),
    "snake": ((2.5,), lambda x: x + mp.sin(2.5 * x) ** 2 / 2.5),
}

# Definitions of the smooth ones, to check accuracy where torch itself cancels.
SMOOTH: dict[str, Function] = {
    "gelu": lambda x: x * mp.ncdf(x),
    "gelu_tanh": lambda x: (
        x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf(0.044715) * x**3)))
    ),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "selu": lambda x: (
        mp.mpf("1.0507009873554804934193349852946")
        * (x if x > 0 else mp.mpf("1.6732632423543772848170429916717") * mp.expm1(x))
    ),
    "tanhshrink": lambda x: x - mp.tanh(x),
    "softsign": lambda x: x / (1 + abs(x)),
    "logsigmoid": lambda x: -mp.log1p(mp.exp(-x)),
}


def graph(name: str, arguments: tuple[float, ...]) -> Any:
    return call(PRELUDE[name].function, (X, *map(const, arguments)))


def at(node: Any, points: Any) -> np.ndarray[Any, Any]:
    node = lower(node)
    return evaluate(node, {"x": np.asarray(points, dtype=np.float64)})[node]


@pytest.mark.parametrize("name", TORCH)
def test_value_is_torchs(name: str) -> None:
    arguments, function, kinks = TORCH[name]
    points = np.concatenate([LINE, kinks])
    expected = function(torch.tensor(points)).numpy()
    np.testing.assert_allclose(at(graph(name, arguments), points), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name, (_, _, kinks) in TORCH.items() if kinks])
def test_derivative_at_kinks_is_torchs(name: str) -> None:
    arguments, function, kinks = TORCH[name]
    points = torch.tensor(kinks, dtype=torch.float64, requires_grad=True)
    function(points).sum().backward()
    found = at(derivative(lower(graph(name, arguments)), X), kinks)
    # torch's hardsigmoid multiplies by 1/6 in single precision
    np.testing.assert_allclose(found, points.grad.numpy(), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", TORCH)
def test_nan_passes(name: str) -> None:
    assert np.isnan(at(graph(name, TORCH[name][0]), [np.nan])).all()


@pytest.mark.parametrize("name", SMOOTH)
def test_rounded_once_to_float32_it_is_exact(name: str) -> None:
    points = np.concatenate([LINE, np.linspace(-38, 38, 101)]).astype(np.float32)
    with mp.workdps(50):
        exact = np.array([float(SMOOTH[name](mp.mpf(float(p)))) for p in points])
    found = at(graph(name, ()), points)
    spacing = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    assert (np.abs(found.astype(np.float32) - exact) / spacing).max() <= 0.51


@pytest.mark.parametrize("name", EXACT)
def test_value_is_the_definitions(name: str) -> None:
    arguments, function = EXACT[name]
    points = np.linspace(0, 1, 41) if name == "tanh_deficit" else LINE
    with mp.workdps(40):
        exact = [float(function(mp.mpf(float(p)))) for p in points]
    np.testing.assert_allclose(at(graph(name, arguments), points), exact, rtol=4e-15, atol=1e-300)


def test_relative_precision_near_zero_is_kept() -> None:
    points = [1e-6, 0.03, 0.5, 0.999, 1.0, 1.5]
    exact = [float(v) for v in reference(X - lower(graph("tanhshrink", ())), {"x": points})]
    with mp.workdps(40):
        tanh = [float(mp.tanh(p)) for p in points]
        deficit = [float(mp.mpf(p) - mp.tanh(p)) for p in points]
    np.testing.assert_allclose(exact, tanh, rtol=1e-15)
    np.testing.assert_allclose(at(graph("tanhshrink", ()), points), deficit, rtol=3e-15)


def test_every_function_is_tested_and_documented() -> None:
    assert set(PRELUDE) == set(TORCH) | set(EXACT)
    for name, definition in PRELUDE.items():
        assert definition.doc.endswith("."), name
        assert "\n" not in definition.doc, name


def test_defaults_are_the_last_arguments() -> None:
    assert PRELUDE["hardtanh"].defaults == (-1.0, 1.0)
    assert PRELUDE["hardtanh"].required == 1
    assert PRELUDE["threshold"].required == 3
    assert PRELUDE["rrelu"].defaults == (1 / 8, 1 / 3)
    assert PRELUDE["elu"].signature == "elu(x, alpha = 1)"


def test_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        PRELUDE["no_such_function"]
