"""What texts mean."""

from __future__ import annotations

import math

import pytest

from actdsl.grammar import PRELUDE, Parsed, Span, parse
from actdsl.ir import BOOL, Function, Node, Param, call, const, input, node, param
from actdsl.program import Kind

X, GATE = input("x"), input("gate")


def body(expression: str) -> Node:
    return parse(f"activation f(x, gate): return {expression}").program.body


def apply(op: str, *args: Node, attr: str | int | None = None) -> Node:
    return node(op, args, attr)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("x + 1 * gate", X + const(1.0) * GATE),
        ("x - 1 - gate", X - 1.0 - GATE),
        ("x / 2 / gate", X / 2.0 / GATE),
        ("x ** 2 ** gate", X ** (const(2.0) ** GATE)),
        ("x ^ 2", X**2.0),
        ("-x ** 2", -(X**2.0)),
        ("-2 ** 2", -(const(2.0) ** 2.0)),
        ("2 ** -x", const(2.0) ** -X),
        ("-2 * x", const(-2.0) * X),
        ("-(2) * x", -const(2.0) * X),
        ("x - -1", X - const(-1.0)),
        ("1.5 + .5 + 5. + 1e-3", const(1.5) + const(0.5) + const(5.0) + const(1e-3)),
        ("pi * e", const(math.pi) * const(math.e)),
        ("1 + 1", const(1.0) + const(1.0)),
        ("sin(x)", apply("sin", X)),
        ("min(x, 1, gate)", apply("min", apply("min", X, const(1.0)), GATE)),
        ("clip(x, 0, 1)", apply("clip", X, const(0.0), const(1.0))),
        ("mean(x)", apply("mean", X, attr="all")),
        ("std(x, feature)", apply("std", X, attr="feature")),
        ("amax(x, (batch))", apply("amax", X, attr="batch")),
        ("shift(x, 2 - 3)", apply("shift", X, attr=-1)),
        ("elu(x)", call(PRELUDE["elu"].function, (X, const(1.0)))),
        ("elu(x, gate)", call(PRELUDE["elu"].function, (X, GATE))),
        ("stopgrad(x)", apply("stopgrad", X)),
    ],
)
def test_expression(text: str, meaning: Node) -> None:
    # the inputs that an expression leaves out are used on its left
    assert body(f"({text})") is meaning


def test_logic() -> None:
    def compare(op: str, a: Node, b: Node) -> Node:
        return node(op, (a, b), type=BOOL)

    less, more = compare("lt", X, const(1.0)), compare("ge", GATE, const(2.0))
    same = compare("eq", X, GATE)
    either = node(
        "or", (node("and", (less, node("not", (more,), type=BOOL)), type=BOOL), same), type=BOOL
    )
    assert body("where(x < 1 and not gate >= 2 or x == gate, x, gate)") is apply(
        "where", either, X, GATE
    )


def test_declarations() -> None:
    parsed = parse(
        "def bump(u, width = 2 / 4) = exp(-(u / width)**2)\n"
        "activation f(x):\n"
        "    param a = sqrt(4) in [-1, 2 * pi] per channel\n"
        "    let y = bump(x)\n"
        "    param b = -0.5\n"
        "    return a * y + b"
    )
    u, width = input("u"), input("width")
    bump = Function("bump", (u, width), apply("exp", -((u / width) ** 2.0)))
    a, b = Param("a", 2.0, -1.0, 2 * math.pi, per_channel=True), Param("b", -0.5)
    assert parsed.program.params == (a, b)
    assert parsed.program.body is param(a) * call(bump, (X, const(0.5))) + param(b)
    assert parsed.program.name == "f"
    assert parsed.program.inputs == ("x",)
    assert parsed.program.kind is Kind.POINTWISE
    assert parsed.warnings == ()


def test_white_space_means_nothing() -> None:
    spread = "\tactivation\r\nf\n(x)\n:\rreturn\fx\n*\n2"
    assert parse(spread).program.body is parse("activation f(x):return x*2").program.body


def test_byte_order_mark_is_no_text() -> None:
    assert parse("\ufeffactivation f(x): return x").program.body is X


def test_truth_values_have_names_and_functions_too() -> None:
    text = (
        "def inside(u) = u > 0 and u < 1\nactivation f(x): let c = inside(x) return where(c, x, 0)"
    )
    assert parse(text).program.body.args[0].type is BOOL


def test_functions_and_values_have_names_of_their_own() -> None:
    text = "activation gelu(x): let sin = sin(x) return gelu(x) * sin"
    assert parse(text).program.body is call(PRELUDE["gelu"].function, (X,)) * apply("sin", X)


def test_kind() -> None:
    text = "def centred(u) = u - mean(u)\nactivation f(x): return {}(x)"
    assert parse(text.format("centred")).program.kind is Kind.CONTEXTUAL
    assert parse(text.format("stopgrad")).program.kind is Kind.POINTWISE


def test_statistics_of_constants_of_a_param_are_no_constants_of_a_def() -> None:
    parsed = parse("activation f(x): param a = 1 return a * (x - mean(x, batch))")
    assert parsed.program.kind is Kind.CONTEXTUAL


def test_spans_are_those_of_the_first_occurrence() -> None:
    parsed: Parsed = parse("activation f(x):\n    let y = sin(x)\n    return y + sin(x) * 2")
    assert parsed.spans[apply("sin", X)] == Span(2, 13, 2, 19)
    assert parsed.spans[parsed.program.body] == Span(3, 12, 3, 26)


def test_warnings_come_with_the_program() -> None:
    parsed = parse("def g(u) = u\nactivation f(x, gate): param a = 1 let b = x return x")
    assert [w.code for w in parsed.warnings] == ["W0003", "W0004", "W0002", "W0001"]
    assert parsed.program.body is X
