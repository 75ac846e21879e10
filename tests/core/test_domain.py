"""Hazards: found with an input that shows them, and not where there are none."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import actdsl
from actdsl.domain import LARGEST, hazards
from actdsl.evaluate import evaluate_program
from actdsl.ir import const, input
from actdsl.program import Program

from .oracle import formula

FOUND = [
    ("log(x)", ["logarithm of zero or less at x = 0"]),
    ("log2(x - 1)", ["logarithm of zero or less at x = 0"]),
    ("log1p(x)", ["log1p of -1 or less at x = -1"]),
    ("sqrt(x)", ["square root of a negative number at x = -0.0625"]),
    ("rsqrt(x)", ["reciprocal square root of zero or less at x = 0"]),
    ("1 / x", ["division by zero at x = 0"]),
    ("1 / (x - 2)", ["division by zero at x = 2"]),
    ("x / (x**2 - 2)", ["division by zero near x = -1.438"]),
    ("mod(1, x)", ["remainder of a division by zero at x = 0"]),
    ("x**0.3", ["negative number to a non-integer power, or zero to a negative one at x = -0.0625"]),
    ("x**-1.5", ["negative number to a non-integer power, or zero to a negative one at x = 0"]),
    ("exp(x)", ["the result overflows float16 at x = 11.12",
                "the result overflows bfloat16 at x = 113.5",
                "the result overflows float32 at x = 113.5"]),
    ("x**2", ["the result overflows float16 at x = 262.9"]),
    ("exp(x) / (1 + exp(x))", ["an intermediate value overflows float32 at x = 113.5"]),
    ("log(x) + sqrt(x)", ["logarithm of zero or less at x = 0",
                          "square root of a negative number at x = -0.0625"]),
    ("where(x > 0, sqrt(x), log(x))", ["logarithm of zero or less at x = 0"]),
    ("where(log(x) > 0, x, 0)", ["logarithm of zero or less at x = 0"]),
    ("1 / (a * x)", ["division by zero at x = 0"]),
]  # fmt: skip

NONE = [
    "x",
    "0",
    "gelu(x)",
    "sinc(x)",
    "x / (1 + abs(x))",
    "1 / (1 + x**2)",
    "log1p(abs(x))",
    "sqrt(1 + x * x)",
    "log(1e-3 + relu(x))",
    "where(x > 0, log(x), 0)",
    "where(x <= 0, 0, sqrt(x))",
    "where(x != 0, sin(x) / x, 1)",
    "where(x > 0, where(x > 1, log(x), 1 / x), x)",
    "where(x > 0 and x < 10, log(x) + 1 / x, x)",
    "where(not (x > 0), x, log(x))",
    "tanh(where(x > 0, rsqrt(x), 0))",
    "clip(x, -5, 5)**2",
    "(x - mean(x)) / (std(x) + 1e-6)",
    "exp(-x**2) * x",
    "sin(x) / (2 + cos(x))",
    "x / where(x < 0, x - 0.5, x + 0.5)",
    "1 / (floor(x) - 0.5)",
]

ZOO = {
    "relu_squared": ["the result overflows float16"],
    "swiglu": ["the result overflows float16"],
}
"""What the zoo is warned of: x**2 and x * gate pass 65504 where x does not."""


@pytest.mark.parametrize(("written", "messages"), FOUND, ids=[f[0] for f in FOUND])
def test_found(written: str, messages: list[str]) -> None:
    findings = hazards(formula(written, params="param a = 0.5"))
    assert [f.message for f in findings] == messages
    assert all(f.help for f in findings)


@pytest.mark.parametrize("written", NONE)
def test_nothing_to_find(written: str) -> None:
    assert [f.message for f in hazards(formula(written))] == []


@pytest.mark.parametrize(
    "written", [w for w, messages in FOUND if all(" at x" in m for m in messages) and "a" not in w]
)
def test_the_witness_shows_it(written: str) -> None:
    program = formula(written)
    for finding in hazards(program):
        point = float(re.search(r"x = (\S+)$", finding.message)[1])
        dtype = np.float32 if "float32" in finding.message else np.float64
        value = float(evaluate_program(program, np.array([[point]], dtype))[0, 0])
        limit = next((size for name, size in LARGEST.items() if name in finding.message), math.inf)
        assert not math.isfinite(value) or abs(value) >= 0.99 * limit or "where" in written


def test_two_inputs_have_a_witness_each() -> None:
    (finding,) = hazards(formula("x / gate", head="f(x, gate)"))
    assert finding.message == "division by zero at x = 0, gate = 0"
    assert hazards(formula("where(gate != 0, x / gate, 0)", head="f(x, gate)")) == []
    assert hazards(formula("x * sigmoid(gate)", head="f(x, gate)")) == []


def test_the_node_is_the_one_at_fault() -> None:
    (finding,) = hazards(formula("sin(x) + log(x * x)"))
    assert finding.node.op == "log"
    (overflow,) = hazards(formula("x * x"))
    assert overflow.node is formula("x * x").body


def test_a_hazard_inside_a_called_function_is_found() -> None:
    from actdsl.grammar import parse

    program = parse("def inverse(u) = 1 / u\nactivation f(x): return inverse(x - 3)\n").program
    assert [f.message for f in hazards(program)] == ["division by zero at x = 3"]


def test_limits_are_those_of_the_formats() -> None:
    assert LARGEST["float16"] == float(np.finfo(np.float16).max)
    assert LARGEST["float32"] == float(np.finfo(np.float32).max)
    assert LARGEST["bfloat16"] == (2 - 2**-7) * 2.0**127


def test_no_false_alarm_in_the_zoo() -> None:
    alarms = {}
    for name, activation in actdsl.zoo.items():
        messages = [re.sub(r" (at|near) .*", "", f.message) for f in hazards(activation)]
        if messages:
            alarms[name] = messages
    assert alarms == ZOO


def test_a_program_without_its_input() -> None:
    assert hazards(Program("f", ("x",), (), const(1.0))) == []
    assert hazards(Program("f", ("x", "gate"), (), input("gate"))) == []
