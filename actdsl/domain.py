"""Hazards: inputs at which an activation divides by zero, leaves a domain or overflows.

Found by evaluating the graph on probe points, so each hazard comes with an input that shows it.
A branch that ``where`` does not take at a point cannot be a hazard there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from actdsl.evaluate import Array, evaluate
from actdsl.ir import Node, topological
from actdsl.ops import TABLE
from actdsl.program import Program

LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}


@dataclass(frozen=True, slots=True)
class Finding:
    """One hazard: the node of the program's body or expansion that shows it, what, and where."""

    node: Node
    message: str
    help: str


def hazards(program: Program) -> list[Finding]:
    """Every hazard found, at most one per operator node and one per number format."""
    inputs = dict(zip(program.inputs, _probe_points(len(program.inputs)), strict=True))
    values = evaluate(program.body, inputs)
    return [*_undefined(program, inputs, values), *_overflows(program, inputs, values)]


def _probe_points(count: int) -> list[Array]:
    near = np.linspace(-16.0, 16.0, 513)  # holds every multiple of 1/16
    far = np.logspace(np.log10(16.0), 4.0, 24)
    line = np.concatenate([near, far, -far])
    if count == 1:
        return [line.reshape(1, -1)]
    coarse = line[::8]
    first, second = np.meshgrid(coarse, coarse)
    return [first, second]


def _undefined(
    program: Program, inputs: Mapping[str, Array], values: Mapping[Node, Array]
) -> list[Finding]:
    found = []
    live = _liveness(program.expanded, values)
    for current in topological([program.expanded]):
        op = TABLE.get(current.op)
        if op is None or op.hazard is None:
            continue
        operands = [values[arg] for arg in current.args]
        bad = op.hazard.at(*operands) & live[current]
        crossing = _sign_change(current, operands, live[current])
        if bad.any() or crossing is not None:
            where = _witness(inputs, bad) if bad.any() else f"near {crossing}"
            found.append(
                Finding(
                    current,
                    f"{op.hazard.what} {where}",
                    "guard it with where(condition, ..., ...), or keep the operand away from there, "
                    "as in x / (1 + abs(x))",
                )
            )
    return found


def _liveness(root: Node, values: Mapping[Node, Array]) -> dict[Node, Array]:
    """Where each node's value can reach the output, given the choices taken."""
    order = topological([root])
    shape = values[root].shape
    live = {n: np.zeros(shape, bool) for n in order}
    live[root] = np.ones(shape, bool)
    for current in reversed(order):
        if current.op == "where":
            condition, a, b = current.args
            live[condition] = live[condition] | live[current]
            live[a] = live[a] | (live[current] & values[condition])
            live[b] = live[b] | (live[current] & ~values[condition])
        else:
            for arg in current.args:
                live[arg] = live[arg] | live[current]
    return live


def _sign_change(current: Node, operands: list[Array], live: Array) -> str | None:
    """Where a divisor passes through zero between two probe points, for one input."""
    if current.op != "div" or operands[0].shape[0] != 1:
        return None
    near = slice(0, 513)
    divisor, alive = operands[1][0, near], live[0, near]
    change = (np.sign(divisor[1:]) * np.sign(divisor[:-1]) < 0) & alive[1:] & alive[:-1]
    # A pole and a jump change sign too; at a zero the step is no larger than those beside it.
    steps = np.abs(np.diff(divisor))
    beside = np.maximum(np.r_[steps[1], steps[:-1]], np.r_[steps[1:], steps[-2]])
    at = np.flatnonzero(change & (steps < 4.0 * beside))
    return f"x = {np.linspace(-16.0, 16.0, 513)[at[0]]:.4g}" if at.size else None


def _overflows(
    program: Program, inputs: Mapping[str, Array], values: Mapping[Node, Array]
) -> list[Finding]:
    exact = values[program.expanded]
    finite = np.isfinite(exact)
    narrow = {name: array.astype(np.float32) for name, array in inputs.items()}
    single = evaluate(program.body, narrow)[program.expanded]
    bad = {
        f"the result overflows {name}": finite & (np.abs(exact) > largest)
        for name, largest in LARGEST.items()
    }
    representable = finite & (np.abs(exact) <= LARGEST["float32"])
    bad["an intermediate value overflows float32"] = representable & ~np.isfinite(single)
    return [
        Finding(
            program.body,
            f"{what} {_witness(inputs, at)}",
            "bound the growth, for example with tanh, softsign or clip",
        )
        for what, at in bad.items()
        if at.any()
    ]


def _witness(inputs: Mapping[str, Array], bad: Array) -> str:
    """The point of least size among the bad ones, as text."""
    size = sum(np.abs(array) for array in inputs.values())
    index = np.unravel_index(np.argmin(np.where(bad, size, np.inf)), bad.shape)
    return "at " + ", ".join(f"{name} = {array[index]:.4g}" for name, array in inputs.items())
