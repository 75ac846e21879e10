"""Every activation of the zoo against mpmath in float32, and against torch in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import actdsl
from actdsl.backends import function
from actdsl.derive import derivative
from actdsl.ir import input
from actdsl.lower import lower
from actdsl.program import Kind
from actdsl.reference import reference

TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "celu": F.celu,
    "elu": F.elu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "hardshrink": F.hardshrink,
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "hardtanh": F.hardtanh,
    "leaky_relu": F.leaky_relu,
    "logsigmoid": F.logsigmoid,
    "mish": F.mish,
    "prelu": lambda x: F.prelu(x, torch.tensor([0.25], dtype=x.dtype)),
    "relu": F.relu,
    "relu6": F.relu6,
    "rrelu": lambda x: F.rrelu(x, training=False),
    "selu": F.selu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "softplus": lambda x: F.softplus(x, threshold=1e9),
    "softshrink": F.softshrink,
    "softsign": F.softsign,
    "tanh": torch.tanh,
    "tanhshrink": F.tanhshrink,
    "threshold": lambda x: F.threshold(x, 0.1, 20.0),
}
POINTWISE = sorted(
    n for n, a in actdsl.zoo.items() if a.kind is Kind.POINTWISE and a.inputs == ("x",)
)
TARGETS = ("native", "torch", "numba", "jax")
# Off the grid of halves and sixths where the kinks are; both tails; tiny magnitudes.
POINTS = np.unique(
    np.concatenate([
        np.linspace(-12.0, 12.0, 97) + 0.0137,
        np.logspace(-8, 1.3, 24),
        -np.logspace(-8, 1.3, 24),
    ]).astype(np.float32)
)  # fmt: skip
BUDGET = 4.0
"""Units in the last place. The bar is 4; what is computed in float64 and rounded once errs by a half."""


@pytest.fixture(autouse=True)
def _float64_in_jax() -> Any:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield


def value_and_slope(name: str, target: str, x: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """The activation and its derivative at x, by a target, as NumPy arrays of x's dtype."""
    act = actdsl.zoo[name]
    params = [np.full(x.shape[-1:], p.initial) for p in act.params if p.per_channel]
    apply = function(act, target)
    if target == "jax":
        import jax

        y, pull = jax.vjp(lambda v: apply(v, *params), jax.numpy.asarray(x))
        (slope,) = pull(np.ones_like(y))
        return np.asarray(y), np.asarray(slope)
    tensor = torch.tensor(x, requires_grad=True)
    y = apply(tensor, *(torch.tensor(p) for p in params))
    (slope,) = torch.autograd.grad(y.sum(), tensor)
    return y.detach().numpy(), slope.numpy()


@pytest.mark.parametrize("name", POINTWISE)
def test_float32_is_within_the_budget_of_mpmath(name: str, ulp_distance: Any) -> None:
    act = actdsl.zoo[name]
    points = {"x": POINTS.astype(float).tolist()}
    exact = reference(act.body, points)
    exact_slope = reference(derivative(lower(act.body), input("x")), points)
    for target in TARGETS:
        y, slope = value_and_slope(name, target, POINTS)
        for computed, wanted in ((y, exact), (slope, exact_slope)):
            # XLA on a CPU flushes subnormal numbers to zero.
            smallest = np.finfo(np.float32).tiny if target == "jax" else 0.0
            seen = np.array([abs(float(v)) >= smallest for v in wanted])
            error = ulp_distance(computed, wanted, np.float32)
            assert error[seen].max() <= BUDGET, target


@pytest.mark.parametrize("name", sorted(TORCH))
@pytest.mark.parametrize("target", TARGETS)
def test_float64_agrees_with_torch(name: str, target: str) -> None:
    x = POINTS.astype(np.float64)
    tensor = torch.tensor(x, requires_grad=True)
    expected = TORCH[name](tensor)
    (expected_slope,) = torch.autograd.grad(expected.sum(), tensor)
    y, slope = value_and_slope(name, target, x)
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-12, atol=1e-12)
    # torch multiplies by a float32 rounding of 1/6 in hardsigmoid's backward pass.
    loose = 1e-8 if name == "hardsigmoid" else 1e-12
    np.testing.assert_allclose(slope, expected_slope.numpy(), rtol=loose, atol=loose)


@pytest.mark.parametrize("name", sorted(TORCH))
def test_kinks_have_the_derivative_that_torch_gives(name: str) -> None:
    kinks = torch.tensor([-3.0, -1.0, -0.5, 0.0, 0.1, 0.5, 1.0, 3.0, 6.0], dtype=torch.float64)
    kinks.requires_grad_()
    (expected,) = torch.autograd.grad(TORCH[name](kinks).sum(), kinks)
    for target in TARGETS:
        _, slope = value_and_slope(name, target, kinks.detach().numpy())
        np.testing.assert_allclose(slope, expected.numpy(), rtol=1e-7, atol=1e-12, err_msg=target)


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("target", TARGETS)
def test_nan_comes_out_where_nan_goes_in(name: str, target: str) -> None:
    x = np.array([np.nan, 1.0, np.nan, -np.inf, np.inf], np.float32)
    y, _ = value_and_slope(name, target, x)
    assert np.isnan(y[[0, 2]]).all()
    assert np.isfinite(y[1])


@pytest.mark.parametrize("target", TARGETS)
def test_mined_functions_to_twelve_digits(target: str) -> None:
    """Values from the formulas, evaluated once with mpmath at 30 digits."""
    x = np.array([-2.0, -0.5, 0.75, 3.0])
    golden = {
        "gelu_sine": [-0.13643000657893, -0.20221132322341, 0.64819336171968, 3.0100623067111],
        "gelu_sinc": [-0.045500263896358, -0.20337404378064, 0.66706448735794, 2.9959503059051],
        "gmtu": [-0.64710692171398, -0.65417237245159, 0.79818928934439, 0.46525809424914],
        "turbulent": [-0.62492235824011, -0.3756708411495, 0.51234309455612, 0.89724178681967],
    }
    for name, expected in golden.items():
        y, _ = value_and_slope(name, target, x)
        np.testing.assert_allclose(y, expected, rtol=1e-12, err_msg=name)
