"""How far this machine's float32 kernels are from exact: values and derivatives, against mpmath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from actdsl.backends.compile import function
from actdsl.derive import derivative
from actdsl.ir import Node, input
from actdsl.lower import lower
from actdsl.program import Kind, Program
from actdsl.reference import reference

RANGE = 20.0
"""Arguments lie between this and its negative."""
_POINTS = 160


@dataclass(frozen=True)
class Error:
    """The largest error of one result.

    Attributes:
        of: ``value``, or ``d/dx`` for an input called x.
        ulp: units in the last place of float32 of the exact result.
        at: the inputs there.
    """

    of: str
    ulp: float
    at: tuple[float, ...]


def errors(program: Program) -> list[Error]:
    """The largest errors over a fixed set of arguments of every size up to `RANGE`, both signs.

    Parameters have their initial values.

    Raises:
        ValueError: the activation is contextual: it has no value at a point.
    """
    if program.kind is Kind.CONTEXTUAL:
        raise ValueError(f"{program.name} is contextual: it has no value at a point")
    inputs = _arguments(len(program.inputs))
    params = [
        np.full(inputs[0].shape, p.initial) if p.per_channel else p.initial for p in program.params
    ]
    kernel: Any = function(program, "native")
    body = lower(program.body)
    flow = np.ones_like(inputs[0])
    slopes = kernel.gradient(flow, *inputs, *params)
    found = [_largest("value", body, kernel(*inputs, *params), program.inputs, inputs)]
    for name, slope in zip(program.inputs, slopes, strict=False):
        exact = derivative(body, input(name))
        found.append(_largest(f"d/d{name}", exact, slope, program.inputs, inputs))
    return found


def _arguments(count: int) -> list[NDArray[np.float32]]:
    generator = np.random.default_rng(0)
    sizes = np.concatenate([
        np.linspace(0.0, RANGE, _POINTS // 2) + 0.0137,
        np.geomspace(1e-6, RANGE, _POINTS // 2),
    ])  # fmt: skip
    line = np.concatenate([sizes, -sizes]).astype(np.float32)
    return [line, *(generator.permutation(line) for _ in range(count - 1))]


def _largest(
    of: str, exact: Node, found: Any, names: Sequence[str], inputs: Sequence[NDArray[np.float32]]
) -> Error:
    points = {n: x.astype(float).tolist() for n, x in zip(names, inputs, strict=True)}
    truth = reference(exact, points)
    distances = [_ulps(y, t) for y, t in zip(found, truth, strict=True)]
    worst = int(np.argmax(distances))
    return Error(of, distances[worst], tuple(float(x[worst]) for x in inputs))


def _ulps(found: np.float32, exact: Any) -> float:
    with np.errstate(over="ignore"):
        nearest = np.float32(exact)
    if not (np.isfinite(nearest) and np.isfinite(found)):
        alike = found == nearest or (np.isnan(found) and np.isnan(nearest))
        return 0.0 if alike else float("inf")
    unit = float(np.spacing(np.abs(nearest)))
    return float(abs(mpmath.mpf(float(found)) - exact) / unit)
