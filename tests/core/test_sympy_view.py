"""The view of a graph in sympy, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from strategies import SLOPE, graph_programs

from actdsl.ir import BOOL, Node, Param, const, input, node
from actdsl.lower import lower
from actdsl.ops import TABLE
from actdsl.program import Program
from actdsl.sympy_view import NoView, from_sympy, to_sympy

from .oracle import at, formula
from .points import INSIDE, POINTWISE

X = input("x")


def _round_trip(root: Node) -> Node:
    return from_sympy(to_sympy(root), {"a": Param("a", 0.75, 0.0, 4.0)})


@pytest.mark.parametrize("name", POINTWISE)
def test_every_operator_survives_the_round_trip(name: str) -> None:
    op = TABLE[name]
    names = ("p", "q", "r")[: op.arity]
    operands = [
        input(n) > 0.0 if t is BOOL else input(n) for n, t in zip(names, op.operands, strict=True)
    ]
    root = node(name, tuple(operands), type=op.result)
    if op.result is BOOL:
        root = node("where", (root, const(2.0), const(3.0)))
    back = _round_trip(root)
    for case in INSIDE[name]:
        values = {n: float(v) for n, v in zip(names, case, strict=True)}
        assert at(back, **values) == pytest.approx(at(root, **values), rel=1e-14, abs=1e-15), case


@settings(derandomize=True, deadline=None, max_examples=60)
@given(graph_programs(size=6))
def test_values_survive_the_round_trip(program: Program) -> None:
    root = lower(program.body)
    try:
        back = _round_trip(root)
    except NoView:
        return
    points = np.array([-2.3, -0.4, 0.6, 1.7, 5.1])
    old, new = at(root, x=points), at(back, x=points)
    usable = np.isfinite(old) & (np.abs(old) < 1e12)
    assert new[usable] == pytest.approx(old[usable], rel=1e-6, abs=1e-6)


def test_opaque_functions_stay_closed() -> None:
    shown = to_sympy(lower(formula("sigmoid(x) + expm1(x) + log1p(x) + erf(x) + softplus(x)").body))
    assert {f.func.__name__ for f in shown.atoms(sympy.core.function.AppliedUndef)} == {
        "sigmoid", "expm1", "log1p", "erf", "softplus"
    }  # fmt: skip
    assert not shown.has(sympy.exp)


def test_symbols_are_real_and_return_as_what_they_were() -> None:
    assert to_sympy(X).is_real
    assert from_sympy(sympy.Symbol("x", real=True), {}) is X
    assert from_sympy(sympy.Symbol("a", real=True), {"a": SLOPE}) is node("param", attr=SLOPE)


@pytest.mark.parametrize(
    ("value", "exact"),
    [(0.5, sympy.Rational(1, 2)), (-3.0, sympy.Integer(-3)), (0.0625, sympy.Rational(1, 16))],
)
def test_short_fractions_are_exact(value: float, exact: sympy.Expr) -> None:
    assert to_sympy(const(value)) == exact
    assert to_sympy(const(value)).is_Rational


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e300, -1.7e-9, 0.5, 3.0, 5e-324])
def test_constants_return_bit_for_bit(value: float) -> None:
    assert from_sympy(to_sympy(const(value)), {}) is const(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_constants_that_are_not_finite_return_or_have_no_view(value: float) -> None:
    try:
        back = from_sympy(to_sympy(const(value)), {})
    except NoView:
        return
    assert back is const(value)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.gamma(sympy.Symbol("x")),
        sympy.I,
        sympy.Piecewise((1, sympy.Symbol("x", real=True) > 0)),
        sympy.Function("mean")(sympy.Symbol("x")),
        sympy.Derivative(sympy.Function("sigmoid")(sympy.Symbol("x")), sympy.Symbol("x")),
    ],
    ids=["gamma", "imaginary", "no default", "statistic", "derivative"],
)
def test_what_the_language_does_not_have(expression: sympy.Expr) -> None:
    with pytest.raises(NoView):
        from_sympy(expression, {})


def test_statistics_have_no_view() -> None:
    with pytest.raises(NoView):
        to_sympy(node("mean", (X,), "all"))
