"""The cost model against counts made by hand."""

from __future__ import annotations

import pytest

import actdsl
from actdsl.cost import Cost, cost, flops
from actdsl.ir import Param, const, input, param
from actdsl.ops import TABLE
from actdsl.ops.functions import exp, sin

from .oracle import formula

X = input("x")

BY_HAND = [
    ("x", Cost(0, 0, 8)),
    ("3", Cost(0, 0, 8)),
    ("-x", Cost(1, 0, 8)),
    ("relu(x)", Cost(1, 0, 8)),
    ("max(x, 0)", Cost(1, 0, 8)),
    ("x + 1", Cost(1, 0, 8)),
    ("2 * x + 1", Cost(2, 0, 8)),
    ("1 / x", Cost(4, 0, 8)),
    ("x / 4", Cost(1, 0, 8)),
    ("x**2", Cost(1, 0, 8)),
    ("x**8", Cost(3, 0, 8)),
    ("x**2.5", Cost(24, 1, 8)),
    ("x**0.5", Cost(4, 0, 8)),
    ("exp(x)", Cost(10, 1, 8)),
    ("sin(x) * sin(x)", Cost(12 + 1, 1, 8)),
    ("sin(x) + cos(x)", Cost(12 + 12 + 1, 2, 8)),
    ("x * exp(2) * sin(1)", Cost(1, 0, 8)),
    ("a * x", Cost(1, 0, 8)),
    ("x * exp(a)", Cost(1, 0, 8)),
    ("exp(a * x)", Cost(11, 1, 8)),
    ("where(x > 0, x, sin(x))", Cost(1 + 12 + 1, 1, 8)),
    ("stopgrad(x) + x", Cost(1, 0, 8)),
    ("silu(x)", Cost(15 + 1, 1, 8)),
    ("gelu(x)", Cost(20 + 1 + 1 + 1, 1, 8)),
    ("x - mean(x)", Cost(1 + 1, 0, 12)),
    ("x - mean(x) + amax(x)", Cost(1 + 1 + 1 + 1, 0, 12)),
    ("var(x)", Cost(1 + 1 + 1 + 1, 0, 16)),
    ("mean(mean(x) * x)", Cost(1 + 1 + 1, 0, 16)),
]  # fmt: skip


@pytest.mark.parametrize(("written", "price"), BY_HAND, ids=[row[0] for row in BY_HAND])
def test_by_hand(written: str, price: Cost) -> None:
    assert cost(formula(written, params="param a = 0.5")) == price


def test_a_gated_unit_reads_two_tensors() -> None:
    assert cost(formula("x * gate", head="f(x, gate)")) == Cost(1, 0, 12)
    assert cost(formula("x * mean(gate)", head="f(x, gate)")) == Cost(2, 0, 20)


def test_shared_work_between_roots_counts_once() -> None:
    assert flops([sin(X), sin(X) + 1.0]) == 12 + 1
    assert flops([]) == 0


def test_what_depends_on_no_input_is_free() -> None:
    a = param(Param("a", 1.0))
    assert flops([exp(a) * const(2.0)]) == 0
    assert flops([exp(a) * X]) == 1


def test_the_zoo_s_order_is_plausible() -> None:
    price = {name: activation.flops for name, activation in actdsl.zoo.items()}
    assert price["relu"] < price["leaky_relu"] < price["softsign"] < price["silu"] < price["gelu"]
    assert price["gelu"] < price["gelu_sine"] < price["gelu_sinc"]
    assert all(activation.cost.bytes >= 8 for activation in actdsl.zoo.values())


def test_weights_are_whole_numbers_of_additions() -> None:
    assert TABLE["add"].cost == 1
    assert all(isinstance(op.cost, int) for op in TABLE.values())
