"""Simplification by sympy, behind gates.

sympy proposes; a proposal is taken only if it is cheaper and, in float32 on a probe grid, no less
accurate than what was written, against mpmath. Left to itself, sympy turns a stable sigmoid into
inf/inf and the derivative of mish into NaN at x = 100.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np

from actdsl.cost import flops
from actdsl.deadline import within
from actdsl.evaluate import Array, evaluate
from actdsl.expand import expanded_size
from actdsl.ir import Node
from actdsl.lower import lower
from actdsl.program import Kind, Program
from actdsl.reference import reference

_LARGEST = 150
_NOT_FINITE = float("inf")


@dataclass(frozen=True)
class Probe:
    """Points, and the exact values that a program has there."""

    inputs: Mapping[str, Array]
    exact: list[Any]


def simplified(program: Program, seconds: float = 5.0) -> Program:
    """The program in its cheapest accurate form; the program itself if there is none, or no time.

    Contextual programs, and graphs of more than 150 nodes, come back as they are.
    """
    body = _simplified(program, seconds)
    return program if body is program.body else replace(program, body=body, text="")


@lru_cache(maxsize=1024)
def _simplified(program: Program, seconds: float) -> Node:
    if program.kind is Kind.CONTEXTUAL or expanded_size(program.body) > _LARGEST:
        return program.body
    probe = probe_of(program)
    best, best_cost = program.body, flops([lower(program.body)])
    allowed = worst_error(program.body, probe)
    for candidate in within(seconds, lambda: _proposals(program)) or []:
        price = flops([lower(candidate)])
        if price < best_cost and worst_error(candidate, probe) <= allowed:
            best, best_cost = candidate, price
    return best


def probe_of(program: Program) -> Probe:
    """Small, ordinary and large inputs of both signs, zero among them."""
    positive = np.concatenate(
        [np.logspace(-6, 0, 13), np.linspace(1.25, 12.0, 30), [20, 50, 88, 100]]
    )
    line = np.concatenate([-positive[::-1], [0.0], positive]).astype(np.float32)
    shifts = range(len(program.inputs))
    inputs = {name: np.roll(line, 17 * k) for name, k in zip(program.inputs, shifts, strict=True)}
    listed = {name: array.astype(float).tolist() for name, array in inputs.items()}
    return Probe(inputs, reference(program.body, listed))


def worst_error(body: Node, probe: Probe) -> float:
    """The largest float32 error over the probe's points, in units in the last place.

    Infinite where the exact value is a float32 number and the computed one is not finite.
    """
    values = evaluate(body, probe.inputs)
    computed = next(reversed(values.values()))
    errors = [_ulps(float(c), e) for c, e in zip(computed, probe.exact, strict=True)]
    return max(errors)


def _ulps(computed: float, exact: Any) -> float:
    with np.errstate(over="ignore"):
        rounded = np.float32(float(exact))
    if not np.isfinite(rounded):
        return 0.0
    if not np.isfinite(computed):
        return _NOT_FINITE
    return float(abs(mp.mpf(computed) - exact) / mp.mpf(float(np.spacing(np.abs(rounded)))))


def _proposals(program: Program) -> list[Node]:
    import sympy

    from actdsl.sympy_view import NoView, from_sympy, to_sympy

    written = to_sympy(lower(program.body))
    params = {spec.name: spec for spec in program.params}
    transformations: tuple[Callable[[Any], Any], ...] = (
        sympy.factor_terms, sympy.cancel, sympy.factor, sympy.simplify,
    )  # fmt: skip
    found = []
    for transform in transformations:
        try:
            found.append(from_sympy(transform(written), params))
        except (NoView, sympy.PolynomialError, ValueError, TypeError, RecursionError):
            continue
    return found
