"""Every cell of the op table, against mpmath, sympy, torch's autograd and plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy
import torch

from actdsl.derive import derivative
from actdsl.grammar import PRELUDE
from actdsl.ir import BOOL, REAL, Node, as_node, const, input, node
from actdsl.latex import formula
from actdsl.ops import TABLE, Op, Unsupported, function_names, row
from actdsl.ops.row import by_sympy
from actdsl.rewrite import rewrite

from .oracle import at, exact, ulps
from .points import CONTEXTUAL, INSIDE, OUTSIDE, POINTWISE, Operands

ULPS = {
    "softplus": 2.0,
    "sigmoid": 2.0,
    "sech2": 2.0,
    "sigmoid_slope": 2.0,
    "gaussian": 2.0,
    "cospi": 2.0,
    "rsqrt": 2.0,
    "sinc": 4.0,
}
"""What NumPy's cells are held to in float64 where it is more than one unit in the last place."""

REAL_RESULT = [name for name in POINTWISE if TABLE[name].result is REAL]
NAN = float("nan")


def _mp(operands: Operands) -> list[Any]:
    return [x if isinstance(x, bool) else mp.mpf(x) for x in operands]


def _numpy(op: Op, operands: Operands) -> Any:
    with np.errstate(all="ignore"):
        return op.numpy(*(np.bool_(x) if isinstance(x, bool) else np.float64(x) for x in operands))


def _built(name: str, names: Sequence[str] = "abc") -> Node:
    op = TABLE[name]
    operands = [
        input(n) if type is REAL else input(n) > 0.0
        for n, type in zip(names, op.operands, strict=False)
    ]
    return node(name, tuple(operands), type=op.result)


def _defined(value: Any) -> bool:
    return not isinstance(value, mp.mpc) and bool(mp.isfinite(value))


# The table itself.


def test_a_row_is_found_by_its_name() -> None:
    assert all(TABLE[name] is row(name) and row(name).name == name for name in TABLE)


def test_the_language_calls_what_has_no_symbol() -> None:
    named = {
        "abs", "sign", "sqrt", "rsqrt", "exp", "exp2", "expm1", "log", "log2",
        "log1p", "sin", "cos", "tan", "sinc", "sinh", "cosh", "tanh", "asinh",
        "atan", "cospi", "sech2", "gaussian", "erf", "erfc", "sigmoid", "sigmoid_slope", "softplus", "relu",
        "min", "max", "clip",
        "floor", "ceil", "round", "mod", "where", "mean", "var", "std", "amin",
        "amax", "shift", "stopgrad",
    }  # fmt: skip
    assert set(function_names()) == named
    assert not named & PRELUDE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_row_is_whole(name: str) -> None:
    op = TABLE[name]
    assert op.doc.endswith(".")
    assert op.cost >= (0 if name == "stopgrad" else 1)
    assert op.arity == len(op.operands) >= 1
    assert op.transcendental == (op.cost >= 9)
    for target in ("torch", "numba", "cuda", "jax"):
        cell = getattr(op, target)
        if isinstance(cell, Unsupported):
            assert len(cell.why) > 10
            continue
        assert all(f"{{{i}}}" in cell for i in range(op.arity)), target
        operands = [f"v{i}" for i in range(max(op.arity, 2))]
        compile(cell.format(*operands, axis="'all'"), name, "eval")


# Values.


@pytest.mark.parametrize("name", POINTWISE)
def test_numpy_agrees_with_mpmath(name: str) -> None:
    op = TABLE[name]
    for operands in INSIDE[name]:
        with mp.workdps(40):
            truth = op.mpmath(*_mp(operands))
            computed = _numpy(op, operands)
            if op.result is BOOL:
                assert bool(computed) is bool(truth), operands
            else:
                assert _defined(truth), operands
                if (
                    name == "sinc"
                ):  # sin(pi x) of a rounded pi x: an ulp of 1, whatever is left of it
                    truth, computed = truth + 1, computed + 1
                assert ulps(computed, truth) <= ULPS.get(name, 1.0), operands


@pytest.mark.parametrize("name", REAL_RESULT)
def test_float32_stays_float32(name: str) -> None:
    op = TABLE[name]
    for operands in INSIDE[name]:
        narrow = [np.asarray(x) if isinstance(x, bool) else np.float32(x) for x in operands]
        assert np.asarray(op.numpy(*narrow)).dtype == np.float32


@pytest.mark.parametrize("name", [n for n in REAL_RESULT if n != "where"])
def test_nan_passes_through_every_operand(name: str) -> None:
    op, operands = TABLE[name], INSIDE[name][0]
    for position in range(op.arity):
        given = (*operands[:position], NAN, *operands[position + 1 :])
        assert np.isnan(_numpy(op, given)), position
        assert mp.isnan(op.mpmath(*_mp(given))), position


@pytest.mark.parametrize(("base", "exponent"), [(1.0, NAN), (NAN, 0.0)])
def test_a_power_that_is_one_for_every_number_is_one_for_nan(base: float, exponent: float) -> None:
    assert _numpy(TABLE["pow"], (base, exponent)) == 1
    assert TABLE["pow"].mpmath(mp.mpf(base), mp.mpf(exponent)) == 1


def test_a_choice_passes_on_nan_only_where_it_is_taken() -> None:
    for cell in (TABLE["where"].numpy, TABLE["where"].mpmath):
        assert mp.isnan(float(cell(True, NAN, 2.0)))
        assert float(cell(True, 2.0, NAN)) == 2.0
        assert mp.isnan(float(cell(False, 2.0, NAN)))


@pytest.mark.parametrize("name", ["lt", "le", "gt", "ge", "eq", "ne"])
def test_comparisons_with_nan_are_false_but_for_ne(name: str) -> None:
    for operands in [(NAN, 1.0), (1.0, NAN), (NAN, NAN)]:
        assert bool(_numpy(TABLE[name], operands)) is (name == "ne")
        assert bool(TABLE[name].mpmath(*_mp(operands))) is (name == "ne")


@pytest.mark.parametrize(
    ("name", "operands", "value"),
    [
        ("sign", (0.0,), 0.0),
        ("sign", (-3.0,), -1.0),
        ("round", (0.5,), 0.0),
        ("round", (1.5,), 2.0),
        ("round", (-2.5,), -2.0),
        ("mod", (-7.0, 3.0), 2.0),
        ("mod", (7.0, -3.0), -2.0),
        ("sinc", (0.0,), 1.0),
        ("sinc", (0.5,), 2 / math.pi),
        ("clip", (5.0, 3.0, 1.0), 1.0),
        ("pow", (0.0, 0.0), 1.0),
    ],
)
def test_meaning_where_libraries_differ(name: str, operands: Operands, value: float) -> None:
    assert _numpy(TABLE[name], operands) == pytest.approx(value, rel=1e-15)
    assert float(TABLE[name].mpmath(*_mp(operands))) == pytest.approx(value, rel=1e-15)


# Hazards.


@pytest.mark.parametrize("name", POINTWISE)
def test_hazards_are_where_there_is_no_finite_value(name: str) -> None:
    op = TABLE[name]
    assert (name in OUTSIDE) == (op.hazard is not None)
    for operands in [*INSIDE[name], *OUTSIDE.get(name, [])]:
        truth, computed = op.mpmath(*_mp(operands)), _numpy(op, operands)
        outside = operands in OUTSIDE.get(name, [])
        assert _defined(truth) is not outside, operands
        assert bool(np.isfinite(computed)) is not outside, operands
        if op.hazard is not None:
            assert op.hazard.what
            assert bool(op.hazard.at(*map(np.float64, operands))) is outside, operands


# The sympy view.


def test_what_is_written_for_accuracy_is_opaque_to_sympy() -> None:
    opaque = {name for name in POINTWISE if TABLE[name].sympy is None}
    assert opaque >= {"sigmoid", "softplus", "erf", "expm1", "log1p"}
    assert opaque == {
        "cospi",
        "gaussian",
        "sech2",
        "sigmoid_slope",
        "sigmoid",
        "softplus",
        "erf",
        "erfc",
        "expm1",
        "log1p",
        "sinc",
        "round",
        "stopgrad",
    }
    assert all(TABLE[name].sympy is None for name in CONTEXTUAL)


@pytest.mark.parametrize("name", [n for n in POINTWISE if TABLE[n].sympy is not None])
def test_sympy_agrees_with_mpmath(name: str) -> None:
    op = TABLE[name]
    assert op.sympy is not None
    for operands in INSIDE[name]:
        given = [
            sympy.true if x is True else sympy.false if x is False else sympy.Rational(x)
            for x in operands
        ]
        shown, truth = op.sympy(*given), op.mpmath(*_mp(operands))
        if op.result is BOOL:
            assert bool(shown) is bool(truth), operands
        else:
            with mp.workdps(30):
                truth = op.mpmath(*_mp(operands))
                assert mp.almosteq(mp.mpf(str(sympy.N(shown, 30))), truth, 1e-25, 1e-25), operands


def test_by_sympy_imports_late() -> None:
    assert by_sympy("Abs")(sympy.Integer(-2)) == 2


# Derivatives.


@pytest.mark.parametrize("name", [n for n in REAL_RESULT if n != "stopgrad"])
def test_partials_agree_with_differences(name: str) -> None:
    op = TABLE[name]
    smooth = [p for p in INSIDE[name] if not _kink(name, p)]
    assert len(smooth) >= (2 if name == "where" else 3)
    for operands in smooth:
        y = op.mpmath(*_mp(operands))
        names = "abc"[: op.arity]
        partials = op.partials(*map(input, names), input("y")) if op.partials else [None] * op.arity
        for i, partial in enumerate(partials):
            if op.operands[i] is BOOL or (name == "where" and partial is None):
                continue
            values = dict(zip(names, _mp(operands), strict=True))
            slope = as_node(0.0 if partial is None else partial)
            claimed = exact(slope, y=y, **values)
            with mp.workdps(50):

                def along(t: Any, i: int = i, point: Operands = operands) -> Any:
                    moved = _mp(point)
                    moved[i] = t
                    return op.mpmath(*moved)

                measured = mp.diff(along, mp.mpf(operands[i]))
            assert mp.almosteq(claimed, measured, 1e-12, 1e-12), (operands, i)
            floats = {n: float(v) for n, v in zip(names, operands, strict=True)}
            single = at(slope, y=float(y), **floats)
            assert float(single) == pytest.approx(float(measured), rel=1e-12, abs=1e-14)


def _kink(name: str, operands: Operands) -> bool:
    x = operands[0]
    match name:
        case "abs" | "sign" | "relu" | "sqrt":
            return x == 0
        case "floor" | "ceil":
            return x == math.floor(x)
        case "round":
            return 2 * x == math.floor(2 * x)
        case "min" | "max":
            return x == operands[1]
        case "clip":
            return x in operands[1:] or operands[1] > operands[2]
        case "mod":
            return math.remainder(x, operands[1]) == 0 or operands == (0.3, 0.1)
        case "pow":
            return x <= 0
    return False


Torch = Callable[..., torch.Tensor]
CHOICES: list[tuple[str, Torch, list[Operands]]] = [
    ("relu", torch.relu, [(0.0,), (-0.0,)]),
    ("abs", torch.abs, [(0.0,)]),
    ("sign", torch.sign, [(0.0,), (2.0,)]),
    ("sqrt", torch.sqrt, [(0.0,)]),
    ("min", torch.minimum, [(1.0, 1.0), (0.0, -0.0), (1.0, 2.0), (2.0, 1.0)]),
    ("max", torch.maximum, [(1.0, 1.0), (0.0, -0.0), (1.0, 2.0), (2.0, 1.0)]),
    ("clip", torch.clamp, [(x, -1.0, 2.0) for x in (-2.0, -1.0, 0.0, 2.0, 3.0)]),
    ("clip", torch.clamp, [(x, 2.0, -1.0) for x in (-2.0, -1.0, 0.0, 2.0, 3.0)]),
    ("clip", torch.clamp, [(1.0, 1.0, 1.0), (0.0, 1.0, 1.0), (2.0, 1.0, 1.0)]),
    ("floor", torch.floor, [(1.0,), (1.5,)]),
    ("ceil", torch.ceil, [(1.0,), (1.5,)]),
    ("round", torch.round, [(0.5,), (1.2,)]),
    ("mod", torch.remainder, [(4.0, 2.0), (-4.0, 2.0), (5.0, -2.0)]),
    ("pow", torch.pow, [(0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (0.0, 0.5), (-2.0, 0.0), (3.0, 0.0)]),
    ("sinc", torch.sinc, [(0.0,)]),
    ("where", lambda a, b: torch.where(a > 0, a, b), [(1.0, 2.0), (0.0, 2.0)]),
    ("stopgrad", lambda a: 0 * a + a.detach(), [(1.0,)]),
]


@pytest.mark.parametrize(("name", "function", "points"), CHOICES)
def test_subgradients_are_torch_s(name: str, function: Torch, points: list[Operands]) -> None:
    for operands in points:
        tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in operands]
        names = "abc"[: len(operands)]
        root = _built(name, names)
        if name == "where":
            root = node("where", (input("a") > 0.0, input("a"), input("b")))
        result = function(*tensors)
        grads = (
            torch.autograd.grad(result, tensors, allow_unused=True) if result.requires_grad else ()
        )
        wanted = [0.0 if g is None else float(g) for g in grads] or [0.0] * len(operands)
        for variable, truth in zip(names, wanted, strict=True):
            values = dict(zip(names, operands, strict=True))
            found = at(derivative(root, input(variable)), **values)
            assert float(found) == pytest.approx(truth, rel=0, nan_ok=True), (operands, variable)


# LaTeX.


@pytest.mark.parametrize("name", TABLE)
def test_latex_is_set_by_mathtext(name: str) -> None:
    from matplotlib.mathtext import MathTextParser

    root = _built(name, ("p_1", "p_2", "p_3"))
    text = formula(root)
    assert all(text.count(f"p_{{{i + 1}}}") == 1 for i in range(TABLE[name].arity))
    if name == "where":  # cases, which MathJax has and matplotlib has not
        assert text.startswith(r"\begin{cases}")
        text = text.replace(r"\begin{cases}", "").replace(r"\end{cases}", "")
        text = text.replace("&", "").replace(r"\\", "")
    if name == "mod":
        text = text.replace(r"\bmod", r"\,\mathrm{mod}\,")
    MathTextParser("path").parse(f"${text}$")


def test_constructors_name_their_operators() -> None:
    from actdsl.ops import functions

    spelled = {"abs_": "abs", "round_": "round", "minimum": "min", "maximum": "max", "equal": "eq",
               "both": "and", "either": "or", "negation": "not", "square": "mul"}  # fmt: skip
    for name, construct in vars(functions).items():
        op = TABLE.get(spelled.get(name, name))
        if op is None or name.startswith("_"):
            continue
        operands = [
            input(c) if t is REAL else const(True) for c, t in zip("abc", op.operands, strict=False)
        ]
        built = construct(operands[0]) if name == "square" else construct(*operands)
        assert (built.op, built.type) == (op.name, op.result), name
    assert rewrite(functions.square(input("a"))) is input("a") * input("a")
