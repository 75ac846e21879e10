"""What the core's tests measure with: exact evaluation, error bounds, programs from a formula."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np

from actdsl.evaluate import Array, evaluate
from actdsl.expand import expand
from actdsl.grammar import parse
from actdsl.ir import BOOL, Node, Param, as_node, input, topological
from actdsl.ops import TABLE
from actdsl.program import Program

EPSILON = 2.0**-53


def formula(expression: str, head: str = "f(x)", params: str = "") -> Program:
    """The program that returns an expression."""
    return parse(f"activation {head}:\n {params}\n return {expression}\n").program


def exact(root: Node, **values: Any) -> Any:
    """The value of a pointwise graph at one point with mpmath, inputs and parameters by name.

    Unlike ``actdsl.reference`` it takes numbers of any precision, which differences need.
    """
    known: dict[Node, Any] = {}
    for current in topological([expand(root)]):
        if current.op == "const":
            known[current] = current.attr if current.type is BOOL else mp.mpf(current.attr)
        elif current.op == "input":
            known[current] = values[str(current.attr)]
        elif isinstance(current.attr, Param):
            known[current] = values.get(current.attr.name, mp.mpf(current.attr.initial))
        else:
            known[current] = TABLE[current.op].mpmath(*(known[arg] for arg in current.args))
    return known[expand(root)]


def at(root: Node, **inputs: Any) -> Array:
    """The graph in float64 at some points, given as numbers or arrays of one shape."""
    arrays = {name: np.asarray(value, np.float64) for name, value in inputs.items()}
    shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    whole = {name: np.broadcast_to(a, shape) for name, a in arrays.items()}
    return evaluate(root, whole)[expand(root)]


def ulps(computed: Any, truth: Any, dtype: type = np.float64) -> float:
    """The distance of a number from the exact one in units in the last place of the exact one."""
    rounded = dtype(truth)
    if not np.isfinite(rounded) or not np.isfinite(computed):
        same = computed == rounded or (np.isnan(computed) and np.isnan(rounded))
        return 0.0 if same else float("inf")
    return float(abs(mp.mpf(float(computed)) - truth) / mp.mpf(float(np.spacing(np.abs(rounded)))))


def rounding_bound(root: Node, values: dict[Node, Array]) -> Array:
    """A first-order bound of the graph's rounding error, when each operation errs by one ulp."""
    bounds: dict[Node, Array] = {}
    with np.errstate(all="ignore"):
        for current in topological([root]):
            total = 2 * EPSILON * np.abs(np.asarray(values[current], np.float64))
            op = TABLE.get(current.op)
            if current.op == "where":
                total = total + np.where(
                    values[current.args[0]], *(bounds[a] for a in current.args[1:])
                )
            elif op is not None and op.partials is not None:
                names = [f"p{i}" for i in range(op.arity)]
                partials = op.partials(*map(input, names), input("y"))
                given = dict(zip(names, (values[a] for a in current.args), strict=True))
                for partial, arg in zip(partials, current.args, strict=True):
                    slope = at(as_node(partial), y=values[current], **given)
                    total = total + np.where(bounds[arg] == 0, 0.0, np.abs(slope) * bounds[arg])
            bounds[current] = total
    return bounds[root]
