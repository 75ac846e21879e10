"""Calls put in place, statistics written with means, kinds, and the interpreter that runs it all."""

from __future__ import annotations

import numpy as np
import pytest

import actdsl
from actdsl.derive import derivative
from actdsl.evaluate import evaluate, evaluate_program
from actdsl.expand import expand, expanded_size
from actdsl.grammar import parse
from actdsl.ir import Function, Node, call, input, topological
from actdsl.lower import lower, settling_quotients, statistics_as_means, without_stopgrad
from actdsl.ops.functions import mean, sqrt, std, stopgrad, var, where
from actdsl.program import Kind

from .oracle import at, formula

X, Y, U, V = map(input, "xyuv")


def parse_body(body: str) -> Node:
    return parse(f"activation a(x): return {body}").program.body


# Calls.


def test_arguments_take_the_places_of_inputs_at_once() -> None:
    swap = Function("minus", (U, V), U - V)
    assert expand(call(swap, (V, U))) is V - U
    twice = Function("twice", (U,), call(swap, (U, X)))
    assert expand(call(twice, (Y,))) is Y - X


def test_sharing_is_kept() -> None:
    square = Function("square", (U,), U * U)
    root: Node = X
    for _ in range(40):
        root = call(square, (root,))
    assert len(topological([expand(root)])) == 41
    assert expand(X * Y) is X * Y


def test_the_size_is_known_before_it_is_made() -> None:
    body: Node = U
    for k in range(60):
        inner = Function(f"f{k}", (U,), body)
        body = call(inner, (call(inner, (U,)),))
    assert expanded_size(body) > 2**59
    small = call(Function("f", (U,), U * U + U), (X,))
    assert len(topological([expand(small)])) <= expanded_size(small) <= 6


# Quotients.


@pytest.mark.parametrize("body", ["x / (1 + abs(x))", "x / (2 + x)"])
def test_the_derivative_of_a_saturating_quotient_does_not_cancel(body: str) -> None:
    x = np.linspace(-40.0, 40.0, 81).astype(np.float32) + np.float32(0.3)
    slope = derivative(lower(parse_body(body)), X)
    settled = settling_quotients(slope)
    assert settled is not slope
    exact = evaluate(slope, {"x": x.astype(np.float64)})[slope]
    np.testing.assert_allclose(evaluate(settled, {"x": x})[settled], exact, rtol=1e-6)


def test_other_quotients_are_left_alone() -> None:
    for body in ("x / (1 + x * x)", "abs(x) / (1 + x)", "x / (1 - abs(x))", "(1 + x) / (2 + x)"):
        slope = derivative(lower(parse_body(body)), X)
        assert settling_quotients(slope) is slope, body


# Statistics.

TENSOR = np.random.default_rng(3).normal(size=(4, 6)) + 100.0


@pytest.mark.parametrize("axis", ["all", "batch", "feature"])
def test_variance_is_the_mean_of_squared_deviations(axis: str) -> None:
    centre = mean(X, attr=axis)
    variance = mean((X - centre) * (X - centre), attr=axis)
    assert statistics_as_means(var(X, attr=axis)) is variance
    assert statistics_as_means(std(X, attr=axis)) is where(variance > 0.0, sqrt(variance), variance)
    for name, reduce in (("var", np.var), ("std", np.std)):
        program = formula(f"{name}(x, {axis}) * x")
        dims = {"all": None, "batch": 0, "feature": 1}[axis]
        truth = reduce(TENSOR, axis=dims, keepdims=True) * TENSOR
        assert at(lower(program.body), x=TENSOR) == pytest.approx(truth, rel=1e-11)
        assert evaluate_program(program, TENSOR) == pytest.approx(truth, rel=1e-12)


def test_a_lowered_graph_has_no_calls_and_no_variances() -> None:
    for activation in actdsl.zoo.values():
        ops = {n.op for n in topological([lower(activation.body)])}
        assert not ops & {"call", "var", "std"}


def test_nan_is_in_every_statistic() -> None:
    spoiled = np.array([[1.0, np.nan, 3.0]])
    assert np.isnan(at(lower(formula("std(x) + 0 * stopgrad(1)").body), x=spoiled)).all()


def test_stopgrad_leaves_no_trace_in_values() -> None:
    assert without_stopgrad(stopgrad(X) * stopgrad(X + Y)) is X * (X + Y)


# Kinds.


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("x", Kind.POINTWISE),
        ("stopgrad(x)", Kind.POINTWISE),
        ("mish(x)", Kind.POINTWISE),
        ("x - mean(x)", Kind.CONTEXTUAL),
        ("amax(x, batch)", Kind.CONTEXTUAL),
        ("shift(x, 1)", Kind.CONTEXTUAL),
        ("where(x > 0, x, std(x))", Kind.CONTEXTUAL),
    ],
)
def test_kind(written: str, kind: Kind) -> None:
    assert formula(written).kind is kind


def test_a_statistic_inside_a_function_counts() -> None:
    program = parse("def centred(u) = u - mean(u)\nactivation f(x): return centred(x)\n").program
    assert program.kind is Kind.CONTEXTUAL


# The interpreter.


def test_every_node_gets_a_value_of_the_inputs_shape() -> None:
    program = formula("2 * x + mean(x)")
    values = evaluate(program.body, {"x": TENSOR})
    assert {v.shape for v in values.values()} == {TENSOR.shape}
    assert set(values) == set(topological([program.expanded]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_arithmetic_is_done_in_the_inputs_type(dtype: type) -> None:
    for name, activation in actdsl.zoo.items():
        arrays = [np.linspace(-3, 3, 8, dtype=dtype).reshape(2, 4)] * len(activation.inputs)
        assert evaluate_program(activation, *arrays).dtype == dtype, name


def test_a_narrower_arithmetic_rounds_every_value() -> None:
    x = np.array([1.0 + 2.0**-10])
    root = (X * X - 1.0) * 0.1

    def to_half(current: Node, value: np.ndarray) -> np.ndarray:
        return value.astype(np.float16).astype(np.float64)

    y = evaluate(root, {"x": x}, rounded=to_half)[root]
    tenth = float(np.float16(0.1))
    assert y == [float(np.float16((float(np.float16(x[0] ** 2)) - 1) * tenth))]


def test_parameters_have_their_initial_values_unless_given() -> None:
    program = formula("a * x", params="param a = 0.5")
    x = np.array([2.0])
    assert evaluate(program.body, {"x": x})[program.body] == 1.0
    assert evaluate(program.body, {"x": x}, {"a": 3.0})[program.body] == 6.0
    per_channel = evaluate(program.body, {"x": np.ones((2, 3))}, {"a": np.array([1.0, 2.0, 3.0])})
    assert per_channel[program.body].tolist() == [[1.0, 2.0, 3.0]] * 2


def test_inputs_are_matched_by_position() -> None:
    program = formula("x - gate", head="f(x, gate)")
    assert evaluate_program(program, np.array([5.0]), np.array([2.0])) == 3.0
    with pytest.raises(ValueError, match="zip"):
        evaluate_program(program, np.array([5.0]))


def test_the_reference_moves_and_reduces_too() -> None:
    from actdsl.reference import reference

    sample = [1.0, 2.0, 4.0, 9.0]
    for written in (
        "mean(x) * x",
        "var(x) + x",
        "amax(x) - amin(x) + x",
        "std(x) * x",
        "shift(x, 1) + x",
    ):
        program = formula(written)
        truth = [float(v) for v in reference(program.body, {"x": sample})]
        assert truth == pytest.approx(evaluate_program(program, np.array(sample)).tolist()), written
