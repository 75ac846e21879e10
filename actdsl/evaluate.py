"""An interpreter of graphs on NumPy arrays: slow, obvious, and free of torch and numba."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actdsl.expand import expand
from actdsl.ir import REAL, Node, Param, topological
from actdsl.ops import TABLE
from actdsl.program import Program

Array = np.ndarray[Any, np.dtype[Any]]


def evaluate(
    root: Node,
    inputs: Mapping[str, Array],
    params: Mapping[str, float | Array] | None = None,
    rounded: Callable[[Node, Array], Array] | None = None,
    meanings: Mapping[str, Callable[..., Any]] | None = None,
) -> dict[Node, Array]:
    """The value of every node below the root (calls expanded), each of the inputs' shape.

    Arithmetic is done in the inputs' own dtype. Parameters not given have their initial value.
    ``rounded`` says what becomes of a node's real value in some narrower arithmetic, ``meanings``
    what operators do that no row of the table describes.
    """
    first = next(iter(inputs.values()))
    values: dict[Node, Array] = {}
    with np.errstate(all="ignore"):
        for current in topological([expand(root)]):
            if meanings is not None and current.op in meanings:
                value = meanings[current.op](*(values[arg] for arg in current.args))
            else:
                value = _value(current, values, inputs, params or {}, first.dtype)
            if rounded is not None and current.type is REAL:
                value = rounded(current, value)
            values[current] = np.broadcast_to(value, first.shape)
    return values


def evaluate_program(program: Program, *arrays: Array) -> Array:
    """The activation of one array per input, parameters at their initial values."""
    named = dict(zip(program.inputs, arrays, strict=True))
    return evaluate(program.body, named)[program.expanded]


def _value(
    current: Node,
    values: Mapping[Node, Array],
    inputs: Mapping[str, Array],
    params: Mapping[str, float | Array],
    dtype: np.dtype[Any],
) -> Any:
    if current.op == "const":
        return current.attr if isinstance(current.attr, bool) else np.asarray(current.attr, dtype)
    if current.op == "input":
        return inputs[str(current.attr)]
    if isinstance(current.attr, Param):
        return np.asarray(params.get(current.attr.name, current.attr.initial), dtype)
    op = TABLE[current.op]
    operands = [values[arg] for arg in current.args]
    return op.numpy(*operands, current.attr) if op.contextual else op.numpy(*operands)
