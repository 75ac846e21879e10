"""Derivatives against sympy's, against differences, and against torch's autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from strategies import SLOPE, graph_programs

from actdsl.derive import cotangents, derivative
from actdsl.ir import Node, Param, const, input, param, topological
from actdsl.lower import lower
from actdsl.program import Program

from .oracle import at, exact, formula

X = input("x")
x, a = sp.symbols("x a", real=True)
POINTS = (-6.5, -2.0, -0.9, -0.2501, -0.03, 0.007, 0.3, 1.1, 2.75, 5.5)


def _normal_cdf(t: Any) -> Any:
    return (1 + sp.erf(t / sp.sqrt(2))) / 2


def _logistic(t: Any) -> Any:
    return 1 / (1 + sp.exp(-t))


FORMULAS: list[tuple[str, Any]] = [
    ("x**3 - 2*x + 1", x**3 - 2 * x + 1),
    ("a * x**2 / (1 + x**2)", a * x**2 / (1 + x**2)),
    ("exp(-a * x**2) * sin(3 * x)", sp.exp(-a * x**2) * sp.sin(3 * x)),
    ("gelu(a * x)", a * x * _normal_cdf(a * x)),
    ("silu(x)", x * _logistic(x)),
    ("mish(x)", x * sp.tanh(sp.log(1 + sp.exp(x)))),
    ("gelu_tanh(x)", x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational(44715, 10**6) * x**3))) / 2),
    ("softplus(a * x) / a", sp.log(1 + sp.exp(a * x)) / a),
    ("logsigmoid(x)", sp.log(_logistic(x))),
    ("tanhshrink(x)", x - sp.tanh(x)),
    ("snake(x, a)", x + sp.sin(a * x) ** 2 / a),
    ("sinc(a * x)", sp.sin(sp.pi * a * x) / (sp.pi * a * x)),
    ("x * sinc(x)**2", x * (sp.sin(sp.pi * x) / (sp.pi * x)) ** 2),
    ("atan(x) * asinh(a + x)", sp.atan(x) * sp.asinh(a + x)),
    ("sinh(x) / cosh(a * x)", sp.sinh(x) / sp.cosh(a * x)),
    ("tan(x / 7) * exp2(a * x)", sp.tan(x / 7) * 2 ** (a * x)),
    ("log1p(x**2) + expm1(-x**2)", sp.log(1 + x**2) + sp.exp(-(x**2)) - 1),
    ("log(a + x**2) * log2(2 + cos(x))", sp.log(a + x**2) * sp.log(2 + sp.cos(x), 2)),
    ("sqrt(1 + x**2) - rsqrt(a + x**2)", sp.sqrt(1 + x**2) - 1 / sp.sqrt(a + x**2)),
    ("(1 + x**2)**a", (1 + x**2) ** a),
    ("(2 + sin(x))**(x * a)", (2 + sp.sin(x)) ** (x * a)),
    ("erf(x) * erfc(a * x)", sp.erf(x) * sp.erfc(a * x)),
    ("tanh(1.5 * x) * exp(-0.2 * x**2) + 0.1 * x",
     sp.tanh(sp.Rational(3, 2) * x) * sp.exp(-(x**2) / 5) + x / 10),
    ("where(x > 0, a * x, expm1(x))", sp.Piecewise((a * x, x > 0), (sp.exp(x) - 1, True))),
    ("abs(x)**3 + sign(x) * x", sp.Piecewise((x**3 + x, x > 0), (-(x**3) - x, True))),
    ("max(x, a) * min(x, 2 * a)",
     sp.Piecewise((a * x, x < a), (x**2, x < 2 * a), (2 * a * x, True))),
    ("clip(a * x, -1, 1)", sp.Piecewise((-1, a * x < -1), (a * x, a * x < 1), (1, True))),
    ("mod(x, a) * x", (x - a * sp.floor(x / a)) * x),
]  # fmt: skip


def _named(first: str) -> Any:
    return pytest.mark.parametrize(
        (first, "truth"), FORMULAS, ids=[written for written, _ in FORMULAS]
    )


def _derivatives(written: str, orders: Sequence[str]) -> Node:
    program = formula(written, params="param a = 0.7")
    root = lower(program.body)
    leaf = {"x": X, "a": param(Param("a", 0.7))}
    for order in orders:
        root = derivative(root, leaf[order])
    return root


@_named("written")
@pytest.mark.parametrize("orders", ["x", "xx", "a"])
def test_against_sympy(written: str, truth: Any, orders: str) -> None:
    wanted = truth
    for order in orders:
        wanted = sp.diff(wanted, {"x": x, "a": a}[order])
    wanted = wanted.subs(sp.Derivative(sp.floor(x / a), x), 0).replace(
        lambda e: isinstance(e, sp.Derivative | sp.Subs), lambda e: sp.Integer(0)
    )
    found = at(_derivatives(written, orders), x=np.array(POINTS))
    for point, value in zip(POINTS, found, strict=True):
        exactly = {x: sp.Rational(point), a: sp.Rational(0.7)}
        true = float(sp.N(wanted.subs(exactly), 40))
        assert value == pytest.approx(true, rel=2e-11, abs=2e-13), point


@settings(derandomize=True, deadline=None, max_examples=50)
@given(graph_programs(size=8))
def test_random_graphs_against_differences(program: Program) -> None:
    root = lower(program.body)
    slopes = {"x": derivative(root, X), "a": derivative(root, param(SLOPE))}
    for point in (-3.14159, -0.61803, 0.27183, 2.23607):
        with mp.workdps(60):
            values = {"x": mp.mpf(point), "a": mp.mpf(0.5772)}
            value = exact(root, **values)
            if isinstance(value, mp.mpc) or not mp.isfinite(value) or abs(value) > 1e30:
                continue
            if _at_a_kink(root, values):
                continue
            for name, slope in slopes.items():
                claimed = exact(slope, **values)

                def along(t: Any, name: str = name, values: dict[str, Any] = values) -> Any:
                    return exact(root, **{**values, name: t})

                measured = mp.diff(along, values[name], h=mp.mpf(10) ** -20)
                if isinstance(measured, mp.mpc) or not mp.isfinite(measured):
                    continue
                scale = abs(measured) + abs(value) + 1
                assert abs(claimed - measured) < 1e-11 * scale, (point, name)


def _at_a_kink(root: Node, values: dict[str, Any]) -> bool:
    """Whether an operand is 0 where a slope jumps or is infinite, or two are equal in min or max."""
    for current in topological([root]):
        if current.op in ("abs", "relu", "sqrt", "pow") and exact(current.args[0], **values) == 0:
            return True
        if current.op in ("min", "max") and exact(current.args[0] - current.args[1], **values) == 0:
            return True
    return False


# Choices.

GUARDED = [
    ("where(x > 0, log(x), 0)", lambda t: 1 / t, lambda t: 0.0),
    ("where(x > 0, sqrt(x), x)", lambda t: 0.5 / np.sqrt(t), lambda t: 1.0),
    ("where(x > 0, x**1.5, 0)", lambda t: 1.5 * np.sqrt(t), lambda t: 0.0),
    ("where(x <= 0, 0, x * log(x))", lambda t: np.log(t) + 1, lambda t: 0.0),
    ("where(x > 0, 1, 2) * x", lambda t: 1.0, lambda t: 2.0),
    ("3 * where(x > 0, 2 * log(x), x)", lambda t: 6 / t, lambda t: 3.0),
    ("exp(where(x > 0, log(x), x))", lambda t: 1.0, np.exp),
    ("sin(where(x > 0, rsqrt(x), 0)) + x", lambda t: 1 - 0.5 * t**-1.5 * np.cos(t**-0.5), lambda t: 1.0),
    ("where(x > 0, where(x > 1, log(x - 1), sqrt(1 - x)), x)",
     lambda t: np.where(t > 1, 1 / (t - 1), -0.5 / np.sqrt(np.abs(1 - t))), lambda t: 1.0),
    ("x * where(x > 0, log(x), where(x < -1, log(-1 - x), 1))",
     lambda t: np.log(t) + 1,
     lambda t: np.where(t < -1, np.log(np.abs(-1 - t)) + t / (1 + t), 1.0)),
    ("where(x != 0, sin(x) / x, 1)", lambda t: np.cos(t) / t - np.sin(t) / t**2,
     lambda t: np.where(t == 0, 0.0, (t * np.cos(t) - np.sin(t)) / np.where(t == 0, 1, t) ** 2)),
    ("where(x > 0, x**a, 0)", lambda t: 0.7 * t**-0.3, lambda t: 0.0),
]  # fmt: skip

Curve = Callable[[Any], Any]


@pytest.mark.parametrize(("written", "above", "below"), GUARDED, ids=[g[0] for g in GUARDED])
def test_the_branch_not_taken_adds_nothing(written: str, above: Curve, below: Curve) -> None:
    up, down = np.array([0.3, 0.9, 1.7, 42.0]), np.array([0.0, -0.4, -2.5, -1000.0])
    forward = _derivatives(written, "x")
    body = lower(formula(written, params="param a = 0.7").body)
    leaf = param(Param("a", 0.7))
    reverse, weight = cotangents(body, input("g"), [X, leaf])
    for points, truth in ((up, above), (down, below)):
        wanted = np.broadcast_to(truth(points), points.shape)
        assert at(forward, x=points) == pytest.approx(wanted, rel=1e-12)
        assert at(reverse, x=points, g=-2.0) == pytest.approx(-2.0 * wanted, rel=1e-12)
        assert np.isfinite(at(weight, x=points, g=1.0)).all()
        assert np.isfinite(at(_derivatives(written, "xx"), x=points)).all()


def test_nan_of_the_branch_taken_is_kept() -> None:
    assert np.isnan(at(_derivatives("where(x > 0, x, log(x) * 0 + sqrt(x))", "x"), x=-1.0))


# stopgrad, constants, leaves.


def test_stopgrad_is_a_constant() -> None:
    assert at(_derivatives("x * stopgrad(x)", "x"), x=3.0) == 3.0
    assert at(_derivatives("x * x", "x"), x=3.0) == 6.0
    assert derivative(lower(formula("stopgrad(sin(x))").body), X) is const(0.0)


def test_what_does_not_depend_has_derivative_zero() -> None:
    for written in ("1", "floor(x)", "ceil(x) + round(x)", "sign(x)", "where(x > 0, 1, 2)"):
        assert derivative(lower(formula(written).body), X) is const(0.0), written
    assert derivative(lower(formula("sin(x)").body), input("gate")) is const(0.0)


def test_a_gated_unit_has_two_gradients() -> None:
    body = lower(formula("silu(x) * gate", head="f(x, gate)").body)
    by_x, by_gate = cotangents(body, const(1.0), [X, input("gate")])
    assert at(by_gate, x=2.0, gate=5.0) == pytest.approx(2 / (1 + np.exp(-2)), rel=1e-15)
    s = 1 / (1 + np.exp(-2.0))
    assert at(by_x, x=2.0, gate=5.0) == pytest.approx(5 * (s + 2 * s * (1 - s)), rel=1e-15)


def test_a_shared_part_is_differentiated_once() -> None:
    root: Node = X
    for _ in range(60):
        root = root * root + root
    assert len(topological([derivative(root, X)])) < 600
