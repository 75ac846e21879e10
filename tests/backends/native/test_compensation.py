"""Arguments kept as two float32: which kernels have them, and what the second is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import torch

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.native.arithmetic import in_single
from actdsl.backends.native.compensation import compensated, to_single
from actdsl.backends.native.contraction import MEANINGS, contracted
from actdsl.backends.native.formula import compiled
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.evaluate import evaluate
from actdsl.ir import Node


def forward(text: str) -> Kernel:
    return Schedule(actdsl.parse(f"activation a(x): return {text}")).forward


def single(text: str) -> Kernel:
    kernel = in_single(forward(text), "float32")
    assert kernel is not None
    return kernel


@pytest.mark.parametrize(
    "text",
    [
        "gelu(x)",
        "gelu_tanh(x)",
        "quick_gelu(x)",
        "exp(3.1 * x)",
        "exp(-x * x / 2)",
        "exp(x - x ** 3)",
    ],
)
def test_what_magnifies_a_rounding_has_its_argument_as_two(text: str) -> None:
    assert "_sum(" in repr(single(text))


@pytest.mark.parametrize("text", ["x * sigmoid(x)", "tanh(x)", "exp(2 * x)", "tanh(1.5 * x)"])
def test_what_does_not_has_it_as_one(text: str) -> None:
    assert "_sum(" not in repr(single(text))


@pytest.mark.parametrize(
    "text", ["0.3 * x", "x * x * x", "x + 0.7 * x ** 3", "x - 3.3", "-(1.1 - x) * x"]
)
def test_a_value_and_its_rest_are_what_was_not_rounded(text: str) -> None:
    x = np.random.default_rng(3).normal(size=500).astype(np.float32).astype(np.float64)
    (root,) = compensated(contracted(forward(f"exp({text})"))).roots

    def rounded(_: Node, value: Any) -> Any:
        return to_single(value)

    high, low = (evaluate(arg, {"x": x}, {}, rounded, MEANINGS)[arg] for arg in root.args)
    (exact,) = forward(text).roots
    wide = evaluate(exact, {"x": x})[exact]
    terms = np.abs(x) ** 3 + np.abs(x) + 4.0
    assert (np.abs(high + low - wide) <= 2.0**-44 * terms).all()
    assert np.abs(high - wide).max() > 2.0**-30


@pytest.mark.parametrize("name", ["exp", "sin", "cos", "sigmoid", "sigmoid_slope", "tanh", "sech2"])
def test_a_function_of_a_sum_takes_the_rest_in(name: str) -> None:
    x = np.linspace(-17.0, 17.0, 4001).astype(np.float32)
    rest = (x * np.float32(2.0**-18)).astype(np.float32)
    mirrored = name not in ("exp", "sin", "cos")
    given = np.where(x < 0, rest, -rest).astype(np.float32) if mirrored else rest
    y = np.empty_like(x)
    compiled(f"{name}_sumf(u, v)", "float32")(x, given, y)
    exact = {
        "exp": mpmath.exp, "sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh,
        "sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)), "sech2": lambda t: mpmath.sech(t) ** 2,
        "sigmoid_slope": lambda t: mpmath.sech(t / 2) ** 2 / 4,
    }[name]  # fmt: skip
    wanted = np.array(
        [float(exact(mpmath.mpf(a) + b)) for a, b in zip(x.tolist(), rest.tolist(), strict=True)]
    )
    assert (np.abs(y - wanted) <= 2.5 * np.spacing(np.abs(wanted).astype(np.float32))).all()


@pytest.mark.parametrize("name", ["gaussian", "erfc"])
def test_functions_of_a_square_take_what_the_square_lacks(name: str) -> None:
    x = np.linspace(-3.0, 9.0, 4001).astype(np.float32)
    rest = (x * np.float32(2.0**-22)).astype(np.float32)
    y = np.empty_like(x)
    compiled(f"{name}_sumf(u, v)", "float32")(x, -2 * x * rest, y)
    exact = {"gaussian": lambda t: mpmath.exp(-t * t), "erfc": mpmath.erfc}[name]
    wanted = np.array(
        [float(exact(mpmath.mpf(a) + b)) for a, b in zip(x.tolist(), rest.tolist(), strict=True)]
    )
    # W does not follow: what it is off by is a fraction of the rest itself.
    allowed = 2.5 * np.spacing(np.abs(wanted).astype(np.float32)) + 2.0**-21 * np.abs(wanted) * (
        name == "erfc"
    )
    assert (np.abs(y - wanted) <= allowed).all()


def test_what_is_no_small_rest_is_left_out() -> None:
    special = np.array([np.inf, -np.inf, np.nan, 3e38, -3e38, 1e30, 0.0, 1e-45], np.float32)
    with np.errstate(all="ignore"):
        for text in (
            "exp(3.1 * x)",
            "x * sigmoid(1.7 * x)",
            "tanh(x + 0.3 * x ** 3) * exp(-1.7 * x * x)",
        ):
            kernel = function(actdsl.parse(f"activation a(x): return {text}"), "native")
            (root,) = forward(text).roots
            wide = evaluate(root, {"x": special.astype(np.float64)})[root]
            np.testing.assert_array_equal(kernel(special), wide.astype(np.float32))


def test_gelu_keeps_its_tail_in_float32() -> None:
    gelu = actdsl.zoo["gelu"]
    kernel = Schedule(gelu).forward
    assert in_single(kernel, "float32")
    x = np.linspace(-11.0, -1.0, 20_001).astype(np.float32)
    (root,) = kernel.roots
    wide = evaluate(root, {"x": x.astype(np.float64)})[root]
    unit = np.spacing(np.abs(wide).astype(np.float32))
    assert (np.abs(function(gelu, "native")(x) - wide) / unit).max() <= 4.0
    fast = gelu.module(fast=True)
    careless = fast(torch.from_numpy(x)).detach().numpy()
    assert (np.abs(careless - wide) / unit).max() > 50.0


def test_a_contracted_product_is_rounded_once() -> None:
    x = np.random.default_rng(9).normal(size=300)
    y = function(actdsl.parse("activation a(x): return x * x - 1.3"), "native")(x)
    constant = Fraction(1.3)
    assert [float(Fraction(v) ** 2 - constant) for v in x.tolist()] == y.tolist()
