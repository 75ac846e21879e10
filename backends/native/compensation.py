"""Arguments as sums of two float32, so that functions do not magnify what rounding them takes.

An exponential multiplies the relative error of its argument by that argument: rounding x**2 / 2 costs
the tail of a Gaussian a hundred units in the last place. But what a rounded product or sum lacks
is itself a float32, found by a fused multiply-add or a few additions, and a function that reduces its
argument takes it in at the price of one more addition.

The graph is rewritten with operators that are none of the table's, ``exp_sum`` and the like, whose
operands are x and a small rest.

Source: T. Ogita, S. M. Rump and S. Oishi, Accurate sum and dot product, SIAM Journal on
Scientific Computing 26 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actdsl.backends.native.contraction import fma
from actdsl.backends.schedule import Kernel
from actdsl.evaluate import Array
from actdsl.ir import Node, const, constant, node, topological
from actdsl.ops import TABLE

_MIRRORED = "boundedf({1} if {0} < 0.0 else -{1})"
_SQUARED = "boundedf(-2.0 * {0} * {1})"
_OF_SUMS = {
    "exp": "boundedf({1})", "sin": "boundedf({1})", "cos": "boundedf({1})",
    "sigmoid": _MIRRORED, "sigmoid_slope": _MIRRORED, "tanh": _MIRRORED, "sech2": _MIRRORED,
    "erfc": _SQUARED, "gaussian": _SQUARED,
}  # fmt: skip
"""By function: what is added to the argument of the exponential or the sine that it is made of."""
_BOUND = 2.0**-8
"""What is larger, or not a number, is no small rest, and left out: the argument was infinite, or huge."""

CELLS: Mapping[str, str] = {
    f"{op}_sum": f"{op}_sumf({{0}}, {rest})" for op, rest in _OF_SUMS.items()
}
"""How the operators are written."""


def compensated(kernel: Kernel) -> Kernel:
    """The kernel with every function that can take it given what rounding its argument takes."""
    rests: dict[Node, Node | None] = {}

    def rule(current: Node) -> Node | None:
        if current.op not in _OF_SUMS:
            return None
        for below in topological(current.args, known=rests):
            rests[below] = _rest(below, [rests[arg] for arg in below.args])
        rest = rests[current.args[0]]
        return None if rest is None else node(f"{current.op}_sum", (*current.args, rest))

    return kernel.transformed(rule)


def _rest(current: Node, rests: list[Node | None]) -> Node | None:
    """What rounding takes from a value; of what is no sum, product or constant, nothing is known."""
    match current.op:
        case "const" if (value := constant(current)) is not None:
            rest = value - float(to_single(value))
            return const(rest) if rest else None
        case "neg":
            return None if rests[0] is None else -rests[0]
        case "mul":
            a, b = current.args
            own = None if _power_of_two(a) or _power_of_two(b) else fma(a, b, -current)
            return _plus_product(_plus_product(own, rests[1], a), rests[0], b)
        case "add" | "sub":
            a, b = current.args
            sign = const(1.0 if current.op == "add" else -1.0)
            return _plus_product(_plus(_taken(current, a, b, sign), rests[0]), rests[1], sign)
        case "fma":
            a, b, c = current.args
            own = _plus(_taken(current, c, a, b), rests[2])
            return _plus_product(_plus_product(own, rests[1], a), rests[0], b)
    return None


def _taken(total: Node, start: Node, a: Node, b: Node) -> Node:
    """What rounding takes from start + a * b, whichever is larger (TwoSum, with a product in it)."""
    moved = total - start
    return (start - (total - moved)) + fma(a, b, -moved)


def _plus(total: Node, rest: Node | None) -> Node:
    return total if rest is None else total + rest


def _plus_product(total: Node | None, rest: Node | None, factor: Node) -> Node | None:
    if rest is None:
        return total
    return rest * factor if total is None else fma(rest, factor, total)


def _power_of_two(factor: Node) -> bool:
    return abs(math.frexp(constant(factor) or 0.0)[0]) == 0.5


def to_single(value: Any) -> Array:
    """The nearest float32, as float64."""
    with np.errstate(over="ignore"):
        return np.asarray(value).astype(np.float32).astype(np.float64)


def _of_sum(op: str) -> Callable[..., Any]:
    return lambda x, rest: TABLE[op].numpy(x + np.where(np.abs(rest) < _BOUND, rest, 0.0))


MEANINGS: Mapping[str, Callable[..., Any]] = {f"{op}_sum": _of_sum(op) for op in _OF_SUMS}
"""What the operators mean, on NumPy arrays of float64 that hold numbers of float32."""


def transcendental(op: str) -> bool:
    """Whether an operator, of the table or of these, errs by more than a rounding."""
    row = TABLE.get(op.removesuffix("_sum"))
    return row is not None and row.transcendental
