"""How one would write an activation in torch, for the benchmark to run."""

from __future__ import annotations

import pytest
import torch

import actdsl
from actdsl.backends import timing


@pytest.mark.parametrize("name", list(actdsl.zoo))
def test_spellings_have_the_values_of_the_activation(name: str) -> None:
    program = actdsl.zoo[name]
    inputs = [
        torch.linspace(-9, 9, 320, dtype=torch.float64).reshape(5, 64) for _ in program.inputs
    ]
    inputs[1:] = [x.flip(0) for x in inputs[1:]]
    params = [
        torch.full((64,) if p.per_channel else (), p.initial, dtype=torch.float64)
        for p in program.params
    ]
    expected = torch.from_numpy(program(*(x.numpy() for x in inputs)))
    for spelling in timing.spellings(program):
        found = spelling.apply(*inputs, *params)
        torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-8, msg=spelling.text)


NATIVE = {
    *("celu", "elu", "gelu", "gelu_tanh", "hardshrink", "hardsigmoid", "hardswish", "hardtanh"),
    *("leaky_relu", "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid"),
    *("silu", "softplus", "softshrink", "softsign", "swish", "tanh", "tanhshrink", "threshold"),
}


def test_torch_has_kernels_of_its_own_for_these() -> None:
    native = {name for name, act in actdsl.zoo.items() if timing.spellings(act)[-1].native}
    assert native == NATIVE


@pytest.mark.parametrize(
    ("written", "call"),
    [
        ("0.5 * x * (1 + erf(x / sqrt(2)))", "torch.nn.functional.gelu(x)"),
        ("x / (1 + exp(-x))", "torch.nn.functional.silu(x)"),
        ("threshold(x, 0.1, 20)", "torch.nn.functional.threshold(x, 0.1, 20.0)"),
        ("elu(x, 0.5)", "torch.nn.functional.elu(x, 0.5)"),
        ("max(x, 0)", "torch.relu(x)"),
    ],
)
def test_one_function_of_torch(written: str, call: str) -> None:
    program = actdsl.parse(f"activation f(x): return {written}")
    formula, named = timing.spellings(program)
    assert (formula.name, formula.native) == ("formula", False)
    assert (named.name, named.native) == ("functions", True)
    assert named.text == f"def f(x):\n    return {call}"


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("gelu(x) + 0.1 * sin(x)", ["n1 = torch.nn.functional.gelu(x)"]),
        (
            "silu(gelu(x)) * x",
            ["n1 = torch.nn.functional.gelu(x)", "n2 = torch.nn.functional.silu(n1)"],
        ),
        ("x * std(x)", ["n1 = torch.std(x, correction=0)"]),
    ],
)
def test_functions_of_torch_within_a_formula(written: str, lines: list[str]) -> None:
    named = timing.spellings(actdsl.parse(f"activation f(x): return {written}"))[-1]
    assert not named.native
    assert [line.strip() for line in named.text.splitlines()[1:-1]] == lines


@pytest.mark.parametrize(
    "written",
    ["x * sigmoid(1.5 * x)", "x * std(x, batch)", "x + gelu(1)", "tanh(x) + 0.1 * x", "sin(x)"],
)
def test_nothing_of_torchs_to_call(written: str) -> None:
    (formula,) = timing.spellings(actdsl.parse(f"activation f(x): return {written}"))
    assert formula.name == "formula"


def test_a_learnable_number_is_no_number_to_torch() -> None:
    text = "activation f(x):\n    param a = 1\n    return elu(x, a)"
    assert [s.name for s in timing.spellings(actdsl.parse(text))] == ["formula"]


def test_a_constant_has_the_shape_of_its_input() -> None:
    text = "activation f(x): param a = 2 return a * 1.5"
    formula = timing.plain(actdsl.parse(text))
    found = formula(torch.zeros(2, 3), torch.tensor(2.0))
    torch.testing.assert_close(found, torch.full((2, 3), 3.0))
    one = timing.plain(actdsl.parse("activation f(x): return 1"))
    torch.testing.assert_close(one(torch.zeros(4)), torch.ones(4))


def test_names_do_not_meet() -> None:
    named = timing.spellings(actdsl.parse("activation f(n1): return gelu(n1) * n1"))[-1]
    x = torch.tensor([1.0])
    torch.testing.assert_close(named.apply(x), torch.nn.functional.gelu(x))
