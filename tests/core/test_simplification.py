"""Simplification: what it finds, what its gates hold back, when it stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from strategies import graph_programs

from actdsl import simplification
from actdsl.cost import flops
from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.ir import Node, input
from actdsl.lower import lower
from actdsl.program import Program
from actdsl.reference import reference
from actdsl.simplification import probe_of, simplified, worst_error
from actdsl.sympy_view import from_sympy, to_sympy

from .oracle import at, formula

X = input("x")
ENOUGH = 60.0


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    simplification._simplified.cache_clear()
    yield
    simplification._simplified.cache_clear()


def _price(program: Program) -> int:
    return flops([lower(program.body)])


@pytest.mark.parametrize(
    ("written", "at_most"),
    [
        ("x * sin(x) + x * cos(x)", 26),
        ("sin(x)**2 + cos(x)**2 + x", 1),
        ("exp(x) * exp(-x) * x", 0),
        ("(x**2 - 1) / (x - 1)", 1),
        ("a * x * tanh(x) + a * tanh(x)", 17),
    ],
)
def test_found(written: str, at_most: int) -> None:
    program = formula(written, params="param a = 0.5")
    better = simplified(program, ENOUGH)
    assert _price(better) <= at_most < _price(program)
    assert better.text == ""
    assert (better.name, better.inputs, better.params) == (
        program.name,
        program.inputs,
        program.params,
    )


@pytest.mark.parametrize("written", ["x", "gelu(x)", "sigmoid(x)", "expm1(x)", "log1p(x * x)"])
def test_what_cannot_be_bettered_is_the_program_itself(written: str) -> None:
    program = formula(written)
    assert simplified(program, ENOUGH) is program


@pytest.mark.parametrize("written", ["mean(x) * x + mean(x)", "x * std(x) / std(x)"])
def test_contextual_programs_come_back_as_they_are(written: str) -> None:
    program = formula(written)
    assert simplified(program, ENOUGH) is program


def test_large_programs_come_back_as_they_are() -> None:
    body: Node = X
    for k in range(80):
        body = body + float(k) * X
    program = Program("large", ("x",), (), body)
    assert simplified(program, ENOUGH) is program


@settings(derandomize=True, deadline=None, max_examples=40)
@given(graph_programs(size=5))
def test_neither_error_nor_cost_rises(program: Program) -> None:
    better = simplified(program, ENOUGH)
    probe = probe_of(program)
    assert worst_error(better.body, probe) <= worst_error(program.body, probe)
    assert _price(better) <= _price(program)


# The two traps.

STABLE_SIGMOID = "where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x)))"


def test_left_alone_sympy_breaks_a_stable_sigmoid() -> None:
    program = formula(STABLE_SIGMOID)
    raw = from_sympy(sympy.simplify(to_sympy(lower(program.body))), {})
    with np.errstate(all="ignore"):
        assert not np.isfinite(at(raw, x=np.array([-800.0, 800.0]))).all()


def test_a_stable_sigmoid_stays_stable() -> None:
    program = formula(STABLE_SIGMOID)
    better = simplified(program, ENOUGH)
    points = np.array([-800.0, -100.0, -1.0, 0.0, 1.0, 100.0, 800.0])
    assert at(better.body, x=points) == pytest.approx(
        at(formula("sigmoid(x)").body, x=points), rel=1e-12
    )


@pytest.mark.parametrize(
    "written", ["x * tanh(log(1 + exp(x)))", "x * tanh(softplus(x))"], ids=["plain", "stable"]
)
def test_the_derivative_of_mish_at_100_stays_1(written: str) -> None:
    slope = derivative(lower(formula(written).body), X)
    program = Program("mish_slope", ("x",), (), slope)
    better = simplified(program, ENOUGH)
    assert at(better.body, x=100.0) == pytest.approx(1.0, rel=1e-12)
    assert worst_error(better.body, probe_of(program)) <= worst_error(slope, probe_of(program))


def test_left_alone_sympy_breaks_the_derivative_of_mish() -> None:
    t = sympy.Symbol("x", real=True)
    slope = sympy.simplify(sympy.diff(t * sympy.tanh(sympy.log(1 + sympy.exp(t))), t))
    raw = from_sympy(slope, {})
    value = evaluate(raw, {"x": np.array([100.0], np.float32)})[raw]
    assert not np.isfinite(value).any()


# Gates and limits.


def _propose(monkeypatch: pytest.MonkeyPatch, proposals: Callable[[Program], Any]) -> None:
    monkeypatch.setattr(simplification, "_proposals", proposals)


def test_a_cheaper_but_wrong_proposal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _propose(monkeypatch, lambda program: [X, 0.999999 * X])
    program = formula("sin(x)")
    assert simplified(program, ENOUGH) is program


def test_a_dearer_proposal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _propose(monkeypatch, lambda program: [formula("sin(x) + 0 * x").body])
    program = formula("sin(x)")
    assert simplified(program, ENOUGH) is program


def test_the_cheapest_of_the_accurate_ones_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("2 * x + 0 * x", "2 * x", "x + 0 * x + x")
    _propose(monkeypatch, lambda program: [formula(text).body for text in texts])
    assert (
        simplified(formula("x * exp(log(2)) + sin(x) - sin(x)"), ENOUGH).body
        is formula("2 * x").body
    )


def test_a_transformation_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, ended = [0], threading.Event()

    def endless(expression: Any) -> Any:
        try:
            while True:
                rounds[0] += 1
        finally:
            ended.set()

    monkeypatch.setattr(sympy, "factor_terms", endless)
    program = formula("sin(x)**2 + cos(x)**2 + x")
    assert simplified(program, 0.2) is program
    assert ended.wait(30.0)
    assert rounds[0] > 0


def test_a_transformation_that_fails_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(expression: Any) -> Any:
        raise sympy.PolynomialError("no")

    monkeypatch.setattr(sympy, "factor_terms", failing)
    program = formula("sin(x)**2 + cos(x)**2 + x")
    assert _price(simplified(program, ENOUGH)) == 1


def test_the_second_time_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def proposals(program: Program) -> list[Node]:
        asked.append(program)
        return []

    _propose(monkeypatch, proposals)
    for _ in range(3):
        simplified(formula("sin(x) + x"), ENOUGH)
    assert len(asked) == 1


# The probe and its measure.


def test_the_probe_holds_both_tails_and_zero() -> None:
    probe = probe_of(formula("x * gate", head="f(x, gate)"))
    assert {0.0, 100.0, -100.0, 88.0, -88.0} <= set(probe.inputs["x"].tolist())
    assert sorted(probe.inputs["x"].tolist()) == sorted(probe.inputs["gate"].tolist())
    assert (probe.inputs["x"] != probe.inputs["gate"]).any()


def test_errors_are_counted_in_ulp_of_float32() -> None:
    program = formula("x")
    probe = probe_of(program)
    assert worst_error(program.body, probe) == 0
    assert 0.4 < worst_error(formula("x * (1 + 6e-8)").body, probe) <= 2
    assert worst_error(formula("x * 1.0001").body, probe) > 500
    assert worst_error(formula("where(x == 100, 1 / 0, x)").body, probe) == float("inf")


def test_where_there_is_no_float32_to_be_had_nothing_is_asked() -> None:
    program = formula("exp(x)**2 + log(x)")
    assert np.isfinite(worst_error(program.body, probe_of(program)))


def test_the_reference_is_exact() -> None:
    import mpmath as mp

    (value,) = reference(formula("erfc(x)").body, {"x": [10.0]})
    with mp.workdps(50):
        assert mp.almosteq(value, mp.erfc(10), 1e-45)
    values = reference(formula("sqrt(x)").body, {"x": [4.0, -4.0]})
    assert values[0] == 2
    assert mp.isnan(values[1])
    (scaled,) = reference(formula("a * x", params="param a = 0.5").body, {"x": [3.0]}, {"a": 2.0})
    assert scaled == 6
