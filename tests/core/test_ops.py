"""Every cell of the op table is executed, against mpmath and torch."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch

import actdsl
from actdsl.backends import function
from actdsl.backends.emit import Dialect
from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.ir import BOOL, Node, const, input, node
from actdsl.latex import formula
from actdsl.lower import lower
from actdsl.ops import TABLE, Op, Unsupported
from actdsl.ops.functions import where
from actdsl.program import Program
from actdsl.reference import reference
from actdsl.sympy_view import from_sympy, to_sympy

x, gate = input("x"), input("gate")
POINTWISE = [op for op in TABLE.values() if not op.contextual]
CONTEXTUAL = [op for op in TABLE.values() if op.contextual]
# Away from kinks and poles, inside every domain that the first list names.
POSITIVE = np.array([0.11, 0.73, 1.37, 2.9, 5.3])
ANYWHERE = np.array([-4.7, -1.37, -0.31, 0.11, 0.73, 2.9])
DOMAIN = {"log": POSITIVE, "log2": POSITIVE, "sqrt": POSITIVE, "rsqrt": POSITIVE, "pow": POSITIVE,
          "log1p": POSITIVE}  # fmt: skip
SECOND = np.array([1.31, -0.47, 2.2, 0.9, -1.7, 3.1])


def applied(op: Op) -> Node:
    """The operator of x (and of gate), as a real-valued graph."""
    operands: tuple[Node, ...] = {
        "where": (x > gate, x, gate),
        "clip": (x, const(-1.1), const(1.9)),
        "not": (x > gate,),
        "and": (x > gate, x > 0.0),
        "or": (x > gate, x > 0.0),
    }.get(op.name, (x, gate)[: op.arity])
    built = node(op.name, operands, type=op.result)
    return where(built, x, 2.0 * gate) if op.result is BOOL else built


def points(op: Op) -> dict[str, np.ndarray[Any, Any]]:
    first = DOMAIN.get(op.name, ANYWHERE)
    return {"x": first, "gate": SECOND[: len(first)]}


def exact(root: Node, inputs: dict[str, np.ndarray[Any, Any]]) -> list[float]:
    return [float(v) for v in reference(root, {k: v.tolist() for k, v in inputs.items()})]


@pytest.mark.parametrize("op", POINTWISE, ids=lambda op: op.name)
def test_numpy_cell_is_the_mpmath_cell(op: Op) -> None:
    inputs = points(op)
    found = evaluate(applied(op), inputs)[applied(op)]
    np.testing.assert_allclose(found, exact(applied(op), inputs), rtol=2e-15)


@pytest.mark.parametrize("op", POINTWISE, ids=lambda op: op.name)
@pytest.mark.parametrize("target", ["torch", "numba", "jax"])
def test_target_cell_is_the_mpmath_cell(op: Op, target: str) -> None:
    program = Program("f", ("x", "gate"), (), applied(op))
    inputs = points(op)
    arrays: list[Any] = list(inputs.values())
    if target == "torch":
        arrays = [torch.from_numpy(a) for a in arrays]
    if target == "jax":
        jax = pytest.importorskip("jax")
        with jax.enable_x64(True):
            found = function(program, target)(*map(jax.numpy.asarray, arrays))
    else:
        found = function(program, target)(*arrays)
    np.testing.assert_allclose(np.asarray(found), exact(program.body, inputs), rtol=4e-15)


@pytest.mark.parametrize("op", POINTWISE, ids=lambda op: op.name)
def test_partials_are_mpmath_derivatives(op: Op) -> None:
    inputs = points(op)
    root = lower(applied(op))
    for leaf in (x, gate):
        found = exact(derivative(root, leaf), inputs)
        for k, value in enumerate(found):
            place = {name: array[k : k + 1] for name, array in inputs.items()}

            def along(t: Any, place: Any = place, name: str = str(leaf.attr)) -> Any:
                moved = {n: a.tolist() for n, a in place.items()} | {name: [t]}
                return _exactly(root, moved)

            with mp.workdps(30):
                slope = mp.diff(along, mp.mpf(place[str(leaf.attr)][0]), h=mp.mpf("1e-8"))
            wanted = 0.0 if op.name == "stopgrad" else float(slope)
            assert value == pytest.approx(wanted, rel=1e-6, abs=1e-7), (op.name, leaf, place)


def _exactly(root: Node, inputs: dict[str, list[Any]]) -> Any:
    """The reference without rounding the inputs to float64."""
    from actdsl.ir import topological

    values: dict[Node, Any] = {}
    for current in topological([root]):
        if current.op == "const":
            values[current] = current.attr if current.type is BOOL else mp.mpf(current.attr)
        elif current.op == "input":
            values[current] = mp.mpf(inputs[str(current.attr)][0])
        else:
            values[current] = TABLE[current.op].mpmath(*(values[a] for a in current.args))
    return values[root]


@pytest.mark.parametrize("op", [op for op in POINTWISE if op.sympy], ids=lambda op: op.name)
def test_sympy_cell_is_the_mpmath_cell_and_comes_back(op: Op) -> None:
    inputs = points(op)
    root = applied(op)
    expression = to_sympy(root)
    symbols = {str(s): s for s in expression.free_symbols}
    back = from_sympy(expression, {})
    for k, value in enumerate(exact(root, inputs)):
        numbers = {symbols[n]: float(a[k]) for n, a in inputs.items() if n in symbols}
        assert float(expression.subs(numbers)) == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(exact(back, inputs), exact(root, inputs), rtol=1e-12)


@pytest.mark.parametrize("op", [op for op in POINTWISE if not op.sympy], ids=lambda op: op.name)
def test_operators_without_a_sympy_cell_are_opaque_to_it(op: Op) -> None:
    expression = to_sympy(applied(op))
    assert type(expression).__name__ == op.name
    assert from_sympy(expression, {}) is applied(op)


@pytest.mark.parametrize("op", POINTWISE, ids=lambda op: op.name)
def test_nan_comes_out(op: Op) -> None:
    if op.result is BOOL or op.name == "where":
        pytest.skip("a comparison with NaN is false, as IEEE 754 has it")
    nan = {"x": np.array([math.nan]), "gate": np.array([0.5])}
    root = applied(op)
    assert np.isnan(evaluate(root, nan)[root]).all()
    for target in ("torch", "numba"):
        found = function(Program("f", ("x", "gate"), (), root), target)
        assert np.isnan(found(nan["x"], nan["gate"]) if target == "numba" else
                        found(*map(torch.from_numpy, nan.values())).numpy()).all(), target  # fmt: skip


KINKS = {
    "relu": (torch.relu, [0.0]),
    "abs": (torch.abs, [0.0]),
    "sign": (torch.sign, [0.0]),
    "floor": (torch.floor, [1.0, 1.5]),
    "ceil": (torch.ceil, [1.0, 1.5]),
    "round": (torch.round, [0.5, 1.5]),
    "clip": (lambda v: torch.clamp(v, -1.1, 1.9), [-1.1, 1.9]),
    "min": (lambda v: torch.minimum(v, torch.full_like(v, 0.5)), [0.5]),
    "max": (lambda v: torch.maximum(v, torch.full_like(v, 0.5)), [0.5]),
}


@pytest.mark.parametrize("name", KINKS)
def test_subgradients_are_torchs(name: str) -> None:
    torch_function, kinks = KINKS[name]
    tensor = torch.tensor(kinks, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(torch_function(tensor).sum(), tensor)
    slope = derivative(applied(TABLE[name]), x)
    inputs = {"x": np.array(kinks), "gate": np.full(len(kinks), 0.5)}
    np.testing.assert_array_equal(evaluate(slope, inputs)[slope], expected.numpy())


HAZARDS = {
    "div": ((1.0, 0.0), (1.0, 2.0)),
    "mod": ((1.0, 0.0), (1.0, 2.0)),
    "log": ((0.0,), (1.0,)),
    "log2": ((-1.0,), (1.0,)),
    "log1p": ((-1.0,), (-0.5,)),
    "sqrt": ((-1.0,), (0.0,)),
    "rsqrt": ((0.0,), (1.0,)),
    "pow": ((-2.0, 0.5), (-2.0, 3.0)),
}


def test_every_hazard_is_listed() -> None:
    assert {op.name for op in TABLE.values() if op.hazard} == set(HAZARDS)


@pytest.mark.parametrize("name", HAZARDS)
def test_hazards_are_where_the_value_is_not_finite(name: str) -> None:
    op, (bad, good) = TABLE[name], HAZARDS[name]
    assert op.hazard is not None
    for operands, hazardous in ((bad, True), (good, False)):
        arrays = [np.array([v]) for v in operands]
        with np.errstate(all="ignore"):
            finite = bool(np.isfinite(op.numpy(*arrays)).all())
        assert bool(op.hazard.at(*arrays).all()) is hazardous
        assert finite is not hazardous


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_rows_are_complete(op: Op) -> None:
    assert op.doc.endswith(".")
    assert op.cost >= 0
    for column in ("torch", "numba", "cuda", "jax"):
        cell = getattr(op, column)
        if isinstance(cell, Unsupported):
            assert cell.why
            with pytest.raises(ValueError, match="has no .* spelling"):
                Dialect(column).cell(op.name)
        else:
            assert all(f"{{{k}}}" in cell for k in range(op.arity))


@pytest.mark.parametrize("op", POINTWISE, ids=lambda op: op.name)
def test_latex_is_typeset(op: Op) -> None:
    text = formula(applied(op))
    if r"\begin{cases}" in text:
        assert text.count(r"\begin{cases}") == text.count(r"\end{cases}")
        return
    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(f"${text}$".replace(r"\bmod", r"\mod").replace(r"\mod", "mod"))


@pytest.mark.parametrize("op", CONTEXTUAL, ids=lambda op: op.name)
def test_contextual_numpy_cell_is_the_mpmath_cell(op: Op) -> None:
    values = np.array([[0.3, -1.2], [2.5, 0.7]])
    if op.name == "shift":
        moved = op.numpy(values, 1)
        np.testing.assert_array_equal(moved, [[0.0, 0.3], [0.0, 2.5]])
        assert op.mpmath([1, 2]) == [1, 2]
        return
    expected = float(op.mpmath([mp.mpf(v) for v in values.ravel()]))
    assert float(op.numpy(values, "all").squeeze()) == pytest.approx(expected, rel=1e-15)
    for axis, dim in (("batch", 0), ("feature", 1)):
        rows = values.T if dim == 0 else values
        by_row = [float(op.mpmath([mp.mpf(v) for v in row])) for row in rows]
        np.testing.assert_allclose(op.numpy(values, axis).ravel(), by_row, rtol=1e-15)


@pytest.mark.parametrize("op", CONTEXTUAL, ids=lambda op: op.name)
@pytest.mark.parametrize("target", ["torch", "numba", "jax"])
def test_contextual_target_cells(op: Op, target: str) -> None:
    values = np.random.default_rng(0).normal(size=(4, 3))
    axes = ["2"] if op.name == "shift" else ["batch", "feature"]
    for axis in axes:
        program = actdsl.parse(f"activation f(x):\n return x + {op.name}(x, {axis})")
        expected = evaluate(program.body, {"x": values})[program.expanded]
        array: Any = torch.from_numpy(values) if target == "torch" else values
        if target == "jax":
            jax = pytest.importorskip("jax")
            with jax.enable_x64(True):
                found = function(program, target)(jax.numpy.asarray(values))
        else:
            found = function(program, target)(array)
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-13, err_msg=axis)
