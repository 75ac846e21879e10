"""Derivatives through statistics, of both orders, against torch's autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from actdsl.derive import cotangents
from actdsl.evaluate import evaluate
from actdsl.ir import Param, const, input, param
from actdsl.lower import lower

from .oracle import at, formula

X = input("x")
DIMS: dict[str, Any] = {"all": (0, 1), "batch": 0, "feature": 1}


def _mean(t: torch.Tensor, axis: str) -> torch.Tensor:
    return t.mean(DIMS[axis], keepdim=True)


def _var(t: torch.Tensor, axis: str) -> torch.Tensor:
    return t.var(DIMS[axis], keepdim=True, correction=0)


def _std(t: torch.Tensor, axis: str) -> torch.Tensor:
    return t.std(DIMS[axis], keepdim=True, correction=0)


def _amin(t: torch.Tensor, axis: str) -> torch.Tensor:
    return torch.amin(t, DIMS[axis], keepdim=True)


def _amax(t: torch.Tensor, axis: str) -> torch.Tensor:
    return torch.amax(t, DIMS[axis], keepdim=True)


def _shift(t: torch.Tensor, places: int) -> torch.Tensor:
    moved = torch.zeros_like(t)
    width = t.shape[-1]
    for j in range(width):
        if 0 <= j - places < width:
            moved[..., j] = t[..., j - places]
    return moved


REDUCTIONS = {"mean": _mean, "var": _var, "std": _std, "amin": _amin, "amax": _amax}
TENSOR = np.array([[0.5, -1.25, 3.0, 0.75, -2.0], [1.5, 1.5, -0.5, 3.0, 0.25],
                   [-2.0, 0.125, 2.0, -1.0, 1.0], [0.0, -0.75, 1.25, 2.5, -1.5]])  # fmt: skip
FLOW = np.array([[1.0, -0.5, 2.0, 0.25, 1.5], [0.75, -1.0, 0.5, 1.0, 2.5],
                 [-0.25, 1.0, 1.0, -2.0, 0.5], [1.25, 3.0, -0.75, 0.5, 1.0]])  # fmt: skip

Torch = Callable[..., torch.Tensor]


def _agree(written: str, function: Torch, values: np.ndarray[Any, Any] = TENSOR) -> None:
    """First and second order, for the input and for the parameter ``a``."""
    body = lower(formula(written, params="param a = 0.7").body)
    leaf = param(Param("a", 0.7))
    first = cotangents(body, input("g"), [X, leaf])
    second = cotangents(first[0], input("h"), [X, input("g")])
    tensor = torch.tensor(values, requires_grad=True)
    weight = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    flow = torch.tensor(FLOW, requires_grad=True)
    result = function(tensor, weight) + 0 * weight + 0 * tensor
    grads = torch.autograd.grad(result, [tensor, weight], flow, create_graph=True)
    other = torch.flip(torch.tensor(FLOW), (0,))
    again = torch.autograd.grad((grads[0] * other).sum(), [tensor, flow], allow_unused=True)
    named = {"x": values, "g": FLOW, "h": other.numpy()}
    assert at(first[0], **named) == pytest.approx(grads[0].detach().numpy(), rel=1e-11, abs=1e-12)
    assert at(first[1], **named).sum() == pytest.approx(grads[1].item(), rel=1e-11, abs=1e-12)
    for claimed, truth in zip(second, again, strict=True):
        wanted = np.zeros_like(values) if truth is None else truth.numpy()
        assert at(claimed, **named) == pytest.approx(wanted, rel=1e-10, abs=1e-11)


@pytest.mark.parametrize("axis", DIMS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_statistics_against_torch(name: str, axis: str) -> None:
    reduce = REDUCTIONS[name]
    _agree(f"{name}(x, {axis})", lambda t, w: reduce(t, axis).expand_as(t))
    _agree(
        f"sin(x) * {name}(x**2 + a * x, {axis})",
        lambda t, w: torch.sin(t) * reduce(t**2 + w * t, axis),
    )
    _agree(
        f"exp(-({name}(x, {axis}) - x)**2) * a",
        lambda t, w: torch.exp(-((reduce(t, axis) - t) ** 2)) * w,
    )


NESTED: list[tuple[str, Torch]] = [
    ("mean((x - mean(x))**2 * x, batch)",
     lambda t, w: _mean((t - _mean(t, "all")) ** 2 * t, "batch").expand_as(t)),
    ("std(x * mean(x, feature), batch) + x",
     lambda t, w: _std(t * _mean(t, "feature"), "batch") + t),
    ("amax(x - amin(x, feature), batch) * x",
     lambda t, w: _amax(t - _amin(t, "feature"), "batch") * t),
    ("mean(x) * var(a * x) + mean(mean(x, batch) * x, feature)",
     lambda t, w: _mean(t, "all") * _var(w * t, "all") + _mean(_mean(t, "batch") * t, "feature")),
    ("shift(x * mean(x), 1) * shift(x, -2)",
     lambda t, w: _shift(t * _mean(t, "all"), 1) * _shift(t, -2)),
    ("mean(shift(sin(a * x), 2) * x, feature)",
     lambda t, w: _mean(_shift(torch.sin(w * t), 2) * t, "feature").expand_as(t)),
    ("(x - mean(x)) / (std(x) + 1e-6)",
     lambda t, w: (t - _mean(t, "all")) / (_std(t, "all") + 1e-6)),
    ("x * stopgrad(mean(x))", lambda t, w: t * _mean(t, "all").detach()),
]  # fmt: skip


@pytest.mark.parametrize(("written", "function"), NESTED, ids=[n[0] for n in NESTED])
def test_nested_statistics_against_torch(written: str, function: Torch) -> None:
    _agree(written, function)


@pytest.mark.parametrize("places", [-5, -2, -1, 0, 1, 3, 7])
def test_shift_against_torch(places: int) -> None:
    _agree(f"a * shift(sin(x), {places}) * x", lambda t, w: w * _shift(torch.sin(t), places) * t)


@pytest.mark.parametrize("name", ["amin", "amax"])
@pytest.mark.parametrize("axis", DIMS)
def test_ties_share_the_gradient_evenly(name: str, axis: str) -> None:
    values = np.array([[1.0, 1.0, 0.0, 1.0, 0.0]] * 4)
    reduce = REDUCTIONS[name]
    (grad,) = cotangents(
        lower(formula(f"{name}(x, {axis}) * a", params="param a = 2").body), input("g"), [X]
    )
    tensor = torch.tensor(values, requires_grad=True)
    (reduce(tensor, axis) * 2).expand_as(tensor).backward(torch.tensor(FLOW))
    assert at(grad, x=values, g=FLOW) == pytest.approx(tensor.grad.numpy(), rel=1e-13)


@pytest.mark.parametrize("axis", DIMS)
def test_std_of_equal_values_has_derivative_zero(axis: str) -> None:
    values = np.full((4, 5), 1.5)
    body = lower(formula(f"x * std(x, {axis}) + std(x, {axis})").body)
    (grad,) = cotangents(body, const(1.0), [X])
    tensor = torch.tensor(values, requires_grad=True)
    spread = _std(tensor, axis)
    (tensor * spread + spread).expand_as(tensor).sum().backward()
    assert np.array_equal(tensor.grad.numpy(), np.zeros((4, 5)))
    assert np.array_equal(at(grad, x=values), np.zeros((4, 5)))
    assert evaluate(body, {"x": values})[body].max() == 0


def test_a_statistic_in_a_branch_not_taken_adds_nothing() -> None:
    body = lower(formula("where(x > 0, log(x) * mean(x), x)").body)
    (grad,) = cotangents(body, const(1.0), [X])
    values = np.array([[2.0, -1.0, 3.0, -4.0]])
    tensor = torch.tensor(values, requires_grad=True)
    safe = torch.where(tensor > 0, tensor, 1.0)
    torch.where(tensor > 0, torch.log(safe) * tensor.mean(), tensor).sum().backward()
    assert at(grad, x=values) == pytest.approx(tensor.grad.numpy(), rel=1e-13)
