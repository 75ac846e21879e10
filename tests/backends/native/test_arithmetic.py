"""Which kernels compute in float32, and that those that do are as accurate as was asked."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.native import build
from actdsl.backends.native.arithmetic import in_single
from actdsl.backends.native.text import llvm_text
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.evaluate import evaluate
from actdsl.program import Kind


def forward(text: str) -> Kernel:
    return Schedule(actdsl.parse(f"activation a(x): return {text}")).forward


@pytest.mark.parametrize("text", ["sigmoid(x)", "x * sigmoid(x)", "max(x, 0.25 * x)", "tanh(x)"])
def test_what_loses_nothing_that_shows_is_in_float32(text: str) -> None:
    assert in_single(forward(text), "float32")
    assert "double" not in llvm_text(forward(text), "float32")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exp(x / 0.3)", "the exponential of a rounded quotient, whose rest is not known"),
        ("x + sin(x) * sin(x)", "a difference where x is negative"),
        ("1.1 - sigmoid(x) - 1 + 0.4 * x", "a zero that is not at 0"),
        ("x * x * x * x * x / (1 + x * x * x * x)", "the fifth power overflows early"),
        ("x - mean(x)", "a statistic"),
    ],
)
def test_what_would_lose_too_much_is_in_float64(text: str, why: str) -> None:
    assert not in_single(forward(text), "float32"), why
    assert "double" in llvm_text(forward(text), "float32")


def test_a_parameter_is_tried_beside_its_round_initial_value() -> None:
    program = actdsl.parse("activation a(x): param b = 1\n return exp(-abs(x) / b)")
    assert not in_single(Schedule(program).forward, "float32")


def test_a_kernel_is_not_taken_for_one_that_was_tried_with_other_parameters() -> None:
    mild, steep = (
        Schedule(actdsl.parse(f"activation a(x): param b = {b}\n return exp(-abs(x) / b)")).forward
        for b in (1, 0.01)
    )
    assert build._key(mild, "float32") != build._key(steep, "float32")
    fast = [replace(kernel, fast=True) for kernel in (mild, steep)]
    assert build._key(fast[0], "float32") == build._key(fast[1], "float32")


def test_float64_is_never_computed_in_less_and_halves_seldom_need_more() -> None:
    assert not in_single(forward("sigmoid(x)"), "float64")
    assert not in_single(forward("x + sin(x) * sin(x)"), "float32")
    assert in_single(forward("x + sin(x) * sin(x)"), "float16")
    assert in_single(forward("x + sin(x) * sin(x)"), "bfloat16")


def test_a_fast_module_computes_in_float32_and_in_float64_where_that_is_asked_for() -> None:
    gelu = actdsl.zoo["gelu"]
    fast, exact = gelu.module(fast=True), gelu.module()
    x = torch.linspace(-6, 6, 1001, requires_grad=True)
    wide = torch.linspace(-6, 6, 1001, dtype=torch.float64)
    assert torch.equal(fast(wide), exact(wide))
    with torch.no_grad():
        assert not torch.equal(fast(x), exact(x))
    slopes = [torch.autograd.grad(module(x).sum(), x)[0] for module in (fast, exact)]
    torch.testing.assert_close(*slopes, rtol=0, atol=5e-7)
    assert torch.equal(pickle.loads(pickle.dumps(fast))(x), fast(x))


def test_statistics_are_in_float64_even_then() -> None:
    kernel = replace(forward("x - mean(x)"), fast=True)
    assert not in_single(kernel, "float32")


@pytest.mark.parametrize("name", sorted(actdsl.zoo))
def test_what_is_in_float32_is_within_four_units_of_what_is_not(name: str) -> None:
    """On arguments that the choice was not made with."""
    program = actdsl.zoo[name]
    plan = Schedule(program)
    if program.kind is Kind.CONTEXTUAL or not any(
        in_single(k, "float32") for k in (plan.forward, plan.backward)
    ):
        pytest.skip("computed in float64")
    generator = np.random.default_rng(5)
    inputs = [generator.normal(size=20_000).astype(np.float32) * 4 for _ in program.inputs]
    flow = generator.normal(size=20_000).astype(np.float32)
    params = [np.full(20_000, p.initial) if p.per_channel else p.initial for p in program.params]
    apply: Any = function(program, "native")
    named = dict(zip(program.inputs, inputs, strict=True))
    if in_single(plan.forward, "float32"):
        found = [apply(*inputs, *params)]
        within(4.0, plan.forward, found, named)
    if in_single(plan.backward, "float32"):
        found = apply.gradient(flow, *inputs, *params)[: len(inputs)]
        within(4.0, plan.backward, found, {plan.backward.inputs[0]: flow} | named)


def within(bound: float, kernel: Kernel, found: list[Any], inputs: dict[str, Any]) -> None:
    wide = {name: value.astype(np.float64) for name, value in inputs.items()}
    for y, root in zip(found, kernel.outputs, strict=True):
        exact = evaluate(root, wide)[root]
        unit = np.spacing(np.maximum(np.abs(exact), 1e-30).astype(np.float32)).astype(float)
        assert (np.abs(y - exact) / unit).max() <= bound
