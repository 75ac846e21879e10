"""Text and graph are two forms of one thing: each can be had from the other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from actdsl.grammar import format_text, parse, unparse
from actdsl.ir import Function, call, const, input, node, param
from actdsl.ir import Param as ParamSpec
from actdsl.program import Program
from grammar.programs import programs

X = input("x")


def returns(program: Program) -> None:
    text = unparse(program)
    again = parse(text).program
    assert again.body is program.body, text
    assert again.params == program.params
    assert (again.name, again.inputs) == (program.name, program.inputs)
    assert again.rationale == program.rationale
    assert format_text(text) == text == again.text


REPEATABLE = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(programs())
@settings(REPEATABLE, max_examples=150)
def test_program_to_text_and_back(program: Program) -> None:
    returns(program)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@given(programs())
@settings(REPEATABLE, max_examples=10_000)
def test_ten_thousand_programs_to_text_and_back(program: Program) -> None:
    returns(program)


def program(body: object) -> Program:
    return Program("f", ("x",), (), body)  # type: ignore[arg-type]


def body_text(body: object) -> str:
    return unparse(program(body)).partition(":\n")[2]


def test_shared_parts_become_lets() -> None:
    y = node("sin", (X * X,))
    assert body_text(y + y * y) == "    let t1 = sin(x * x)\n    return t1 + t1 * t1\n"


def test_names_of_lets_avoid_names_in_use() -> None:
    y = node("sin", (input("t1"),))
    text = unparse(Program("f", ("t1",), (ParamSpec("t2", 1.0),), y * y))
    assert "let t3 = sin(t1)" in text


def test_text_stays_linear_in_the_graph() -> None:
    body = X
    for _ in range(200):
        body = body * body + 1.0
    returns(program(body))
    assert len(unparse(program(body))) < 200 * 40


def test_tall_graphs_fit_the_limits() -> None:
    body = X
    for _ in range(1000):
        body = node("sin", (body,))
    returns(program(body))


def test_tall_functions_are_written_out() -> None:
    u = body = input("u")
    for _ in range(300):
        body = node("sin", (body,))
    text = unparse(program(call(Function("tall", (u,), body), (X,))))
    assert "def" not in text
    parse(text)


def test_minimum_of_several_is_one_call() -> None:
    body = node("min", (node("min", (X, const(1.0))), const(2.0)))
    assert body_text(body) == "    return min(x, 1, 2)\n"
    nested = node("min", (X, node("min", (X, const(2.0)))))
    assert body_text(nested) == "    return min(x, min(x, 2))\n"


def test_defaults_are_left_out() -> None:
    text = "activation f(x):\n    return elu(x) + elu(x, 2) + hardtanh(x, -1, 2)\n"
    assert parse(text).program.text == text
    assert unparse(parse(text.replace("elu(x)", "elu(x, 1)")).program) == text


def test_constants_without_a_literal_keep_their_value() -> None:
    infinite = node("min", (X, const(float("-inf"))))
    assert body_text(infinite) == "    return min(x, -1 / 0)\n"
    certain = node("where", (const(True), X, const(float("nan"))))
    assert body_text(certain) == "    return where(0 < 1, x, 0 / 0)\n"


def test_named_constants() -> None:
    text = "activation f(x):\n    return pi * x + e\n"
    assert parse(text).program.text == unparse(parse(text).program) == text


def test_two_functions_of_one_name_both_survive() -> None:
    u = input("u")
    one, two = Function("g", (u,), u * u), Function("g", (u,), u + 1.0)
    text = unparse(program(call(one, (X,)) + call(two, (X,))))
    assert text.startswith("def g(u) = u * u\n\ndef g_2(u) = u + 1\n")
    parse(text)


def test_unused_params_stay() -> None:
    spec = ParamSpec("a", 0.5, 0.0, 1.0, per_channel=True)
    text = unparse(Program("f", ("x",), (spec,), X))
    assert "    param a = 0.5 in [0, 1] per channel\n" in text
    assert parse(text).program.params == (spec,)


@pytest.mark.parametrize(
    ("lower", "upper", "bounds"),
    [(0.0, None, " in [0, inf]"), (None, 1.0, " in [-inf, 1]"), (None, None, "")],
)
def test_a_param_may_be_bounded_on_one_side(
    lower: float | None, upper: float | None, bounds: str
) -> None:
    spec = ParamSpec("a", 0.5, lower, upper)
    text = unparse(Program("f", ("x",), (spec,), param(spec) * X))
    assert f"    param a = 0.5{bounds}\n" in text
    found = parse(text).program
    assert (found.params, found.text) == ((spec,), text)


def test_infinite_bounds_are_none() -> None:
    found = parse("activation f(x): param a = 1 in [-inf, inf] return a * x").program
    assert found.params == (ParamSpec("a", 1.0),)


def test_a_param_in_the_body_is_its_declaration() -> None:
    spec = ParamSpec("a", 0.5)
    returns(Program("f", ("x",), (spec,), param(spec) * X))


def test_rationale_of_any_characters() -> None:
    text = unparse(Program("f", ("x",), (), X, "tab\there\r\nbell\x07 end  "))
    assert parse(text).program.rationale == "tab\there\nbell end"
