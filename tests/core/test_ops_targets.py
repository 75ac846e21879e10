"""Every cell of the columns torch, numba and jax, printed, loaded and run in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch

from actdsl.backends import source
from actdsl.backends.load import load
from actdsl.ir import BOOL, Node, Param, const, input, node, param
from actdsl.ops import AXES, TABLE
from actdsl.program import Program

from .points import CONTEXTUAL, INSIDE, OUTSIDE, POINTWISE, Operands

TARGETS = ("torch", "numba", "jax")
CHOSEN = Param("chosen", 0.0)
THIRD = Param("third", 0.0)
NAN = float("nan")
LENGTH = 32  # of every array, for jax compiles again for each

RELATIVE = 1e-12
ABSOLUTE = {"sin": 1e-15, "cos": 1e-15, "sinc": 1e-15, "tan": 1e-15}
"""Beside a zero of the function away from 0, where the argument's own rounding shows."""


@lru_cache
def _every_operator() -> Program:
    """All pointwise operators in one program, so that a target compiles it once.

    The parameter ``chosen`` says which one's value comes out. Operands are the two inputs and
    the parameter ``third``; a truth value is an operand above 0.
    """
    operands = (input("x"), input("gate"), param(THIRD))
    values = []
    for name in POINTWISE:
        op = TABLE[name]
        given = [v > 0.0 if t is BOOL else v for v, t in zip(operands, op.operands, strict=False)]
        value = node(name, tuple(given), type=op.result)
        values.append(
            node("where", (value, const(1.0), const(0.0))) if op.result is BOOL else value
        )
    return Program("every", ("x", "gate"), (CHOSEN, THIRD), _one_of(values))


STATISTICS = [
    (name, attr) for name in CONTEXTUAL for attr in ((1, -2, 0) if name == "shift" else AXES)
]


@lru_cache
def _every_statistic() -> Program:
    """All statistics of x**2 + x, in the same way."""
    x = input("x")
    return Program(
        "every", ("x",), (CHOSEN,), _one_of([node(n, (x * x + x,), a) for n, a in STATISTICS])
    )


def _one_of(values: list[Node]) -> Node:
    body: Node = const(math.pi)
    for number, value in enumerate(values):
        body = node(
            "where", (node("eq", (param(CHOSEN), const(float(number))), type=BOOL), value, body)
        )
    return body


def _run(target: str, program: Program, *arrays: np.ndarray[Any, Any], **params: float) -> Any:
    function = getattr(load(source(program, target)), program.name)
    if target == "torch":
        return function(*map(torch.from_numpy, arrays), **params).numpy()
    if target == "jax":
        import jax

        with jax.enable_x64(True):
            return np.asarray(function(*arrays, **params))
    return function(*arrays, **params)


def _by_third(name: str) -> dict[float, list[Operands]]:
    groups: dict[float, list[Operands]] = {}
    for operands in _cases(name):
        third = float(operands[2]) if len(operands) == 3 else 0.0
        groups.setdefault(third, []).append(operands)
    return groups


def _cases(name: str) -> list[Operands]:
    real = TABLE[name].operands[-1] is not BOOL and TABLE[name].result is not BOOL
    first = INSIDE[name][0]
    nans = [(*first[:i], NAN, *first[i + 1 :]) for i in range(len(first))] if real else []
    return [*INSIDE[name], *OUTSIDE.get(name, []), *(nans[1:] if name == "where" else nans)]


@pytest.mark.parametrize("target", TARGETS)
def test_pointwise_cells_agree_with_mpmath(target: str) -> None:
    wrong = []
    for number, name in enumerate(POINTWISE):
        for third, cases in _by_third(name).items():
            arrays = np.ones((2, LENGTH))
            for i, case in enumerate(cases):
                arrays[: len(case), i] = case[:2]
            params = {"chosen": float(number), "third": third}
            found = _run(target, _every_operator(), *arrays, **params)[: len(cases)]
            for operands, computed in zip(cases, found, strict=True):
                truth = TABLE[name].mpmath(
                    *(x if isinstance(x, bool) else mp.mpf(x) for x in operands)
                )
                if not _close(name, float(computed), truth):
                    wrong.append(f"{name}{operands} = {computed}, not {mp.nstr(truth, 17)}")
    assert not wrong, "\n".join(wrong)


def _close(name: str, computed: float, truth: Any) -> bool:
    if isinstance(truth, mp.mpc) or mp.isnan(truth):
        return math.isnan(computed)
    if mp.isinf(truth):
        return math.isinf(computed)
    return math.isclose(computed, float(truth), rel_tol=RELATIVE, abs_tol=ABSOLUTE.get(name, 0.0))


@pytest.mark.parametrize("target", TARGETS)
def test_statistics_agree_with_numpy(target: str) -> None:
    sample = np.random.default_rng(1).normal(size=(3, 5))
    for number, (name, attr) in enumerate(STATISTICS):
        computed = _run(target, _every_statistic(), sample, chosen=float(number))
        truth = np.broadcast_to(TABLE[name].numpy(sample**2 + sample, attr), sample.shape)
        assert computed == pytest.approx(truth, rel=1e-12, abs=1e-15), (name, attr)


@pytest.mark.parametrize("target", TARGETS)
def test_statistics_pass_nan_on(target: str) -> None:
    for place in (0, 5, 14):
        sample = np.linspace(-1.0, 2.0, 15)
        sample[place] = NAN
        for number, (name, attr) in enumerate(STATISTICS):
            computed = _run(target, _every_statistic(), sample.reshape(3, 5), chosen=float(number))
            truth = np.broadcast_to(TABLE[name].numpy(sample.reshape(3, 5), attr), (3, 5))
            assert np.array_equal(np.isnan(computed), np.isnan(truth)), (name, attr, place)


@pytest.mark.parametrize("target", TARGETS)
def test_stopgrad_is_a_constant_to_the_derivative(target: str) -> None:
    x = input("x")
    program = Program("halted", ("x",), (), x * node("stopgrad", (x * x,)))
    function: Callable[..., Any] = load(source(program, target)).halted
    if target == "jax":
        import jax

        with jax.enable_x64(True):
            assert float(jax.grad(lambda v: function(v).sum())(np.array([3.0]))[0]) == 9.0
        return
    tensor = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.grad(function(tensor).sum(), tensor)[0].item() == 9.0
