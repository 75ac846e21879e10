"""Rewrite rules that keep every value up to a rounding, and every NaN and infinity.

(The sign of a zero may change, and a product may over- or underflow up to 2**20 times earlier or later.)
Each rule takes a node and returns a replacement, or None where it does not apply. They run from
the leaves up until nothing changes. None adds an operation to a tree, so they end; a product that
another term shares may be written out once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from actdsl.ir import BOOL, Node, const, constant, transform
from actdsl.ops import TABLE
from actdsl.ops.functions import abs_, maximum, relu, sqrt

Rule = Callable[[Node], Node | None]

_LARGEST_UNROLLED_POWER = 16


def rewrite(root: Node) -> Node:
    """The graph after every rule has been applied as often as it applies."""
    while True:
        better = transform(root, _first_that_applies)
        if better is root:
            return root
        root = better


def _first_that_applies(current: Node) -> Node | None:
    for rule in _RULES:
        found = rule(current)
        if found is not None and found is not current:
            return found
    return None


def _fold_constants(current: Node) -> Node | None:
    if not current.args or any(arg.op != "const" for arg in current.args):
        return None
    op = TABLE[current.op]
    if op.contextual:
        return None
    operands = (
        a.attr if isinstance(a.attr, bool) else np.float64(constant(a) or 0.0) for a in current.args
    )
    with np.errstate(all="ignore"):
        value = op.numpy(*operands)
    return const(bool(value)) if current.type is BOOL else const(float(value))


def _neutral_elements(current: Node) -> Node | None:
    if len(current.args) != 2:
        return None
    a, b = current.args
    left, right = constant(a), constant(b)
    match current.op:
        case "add":
            return b if left == 0 else a if right == 0 else None
        case "sub":
            return -b if left == 0 else a if right == 0 else None
        case "mul":
            if left == 1 or right == 1:
                return b if left == 1 else a
            return -b if left == -1 else -a if right == -1 else None
        case "div":
            return a if right == 1 else -a if right == -1 else None
    return None


def _signs(current: Node) -> Node | None:
    match current.op, *(arg.op for arg in current.args):
        case ["neg", "neg"]:
            return current.args[0].args[0]
        case ["neg", "sub"]:
            a, b = current.args[0].args
            return b - a
        case ["neg", "mul"] if (c := constant(current.args[0].args[0])) is not None:
            return -c * current.args[0].args[1]
        case ["add", _, "neg"]:
            return current.args[0] - current.args[1].args[0]
        case ["add", "neg", _]:
            return current.args[1] - current.args[0].args[0]
        case ["sub", _, "neg"]:
            return current.args[0] + current.args[1].args[0]
        case ["mul" | "div", "neg", "neg"]:
            a, b = (arg.args[0] for arg in current.args)
            return a * b if current.op == "mul" else a / b
        case ["mul", "const", "neg"]:
            return -(constant(current.args[0]) or 0.0) * current.args[1].args[0]
        case ["abs", "neg" | "abs"]:
            return abs_(current.args[0].args[0])
    return None


def _constant_first(current: Node) -> Node | None:
    """A constant factor or summand goes left, where the next rule looks for it."""
    if current.op in ("mul", "add") and current.args[1].op == "const" != current.args[0].op:
        return (
            current.args[1] * current.args[0]
            if current.op == "mul"
            else current.args[1] + current.args[0]
        )
    return None


def _merge_factors(current: Node) -> Node | None:
    """c * (d * x) and c * (x / d) with one multiplication, for constants of moderate size."""
    if current.op != "mul" or current.args[1].op not in ("mul", "div"):
        return None
    outer, inner = constant(current.args[0]), current.args[1]
    if outer is None:
        return None
    first, second = map(constant, inner.args)
    if inner.op == "mul" and first is not None and _moderate(outer, first):
        return (outer * first) * inner.args[1]
    if inner.op == "div" and second and _moderate(outer, second):
        return (outer / second) * inner.args[0]
    return None


def _constant_outwards(current: Node) -> Node | None:
    """x * (c * y) as c * (x * y), so that constants meet and products are shared."""
    if current.op != "mul":
        return None
    for inner, other in (current.args, current.args[::-1]):
        factor = constant(inner.args[0]) if inner.op == "mul" else None
        if factor is not None and constant(other) is None and _moderate(factor):
            return factor * (other * inner.args[1])
    return None


def _divide_by_power_of_two(current: Node) -> Node | None:
    if current.op == "div" and (divisor := constant(current.args[1])) and math.isfinite(divisor):
        mantissa, _ = math.frexp(divisor)
        if abs(mantissa) == 0.5 and _moderate(divisor):
            return (1.0 / divisor) * current.args[0]
    return None


def _powers(current: Node) -> Node | None:
    """Small whole powers as products, by repeated squaring; a half as a square root."""
    if current.op != "pow" or (exponent := constant(current.args[1])) is None:
        return None
    base = current.args[0]
    if exponent == 0.5:
        return sqrt(base)
    if not exponent.is_integer():
        return None
    power = int(exponent)
    if power == 0:
        return const(1.0)
    if power < 0:
        return 1.0 / _power(base, -power) if -power <= _LARGEST_UNROLLED_POWER else None
    return _power(base, power) if power <= _LARGEST_UNROLLED_POWER else None


def _power(base: Node, power: int) -> Node:
    if power == 1:
        return base
    half = _power(base, power // 2)
    return half * half if power % 2 == 0 else base * (half * half)


def _choice(current: Node) -> Node | None:
    if current.op != "where":
        return None
    condition, a, b = current.args
    if a is b:
        return a
    if condition.op == "const":
        return a if condition.attr else b
    return None


def _rectifier(current: Node) -> Node | None:
    if current.op == "max" and constant(current.args[1]) == 0:
        return relu(current.args[0])
    if current.op == "max" and constant(current.args[0]) == 0:
        return maximum(current.args[1], current.args[0])
    return None


def _moderate(*values: float) -> bool:
    """Whether moving these factors cannot over- or underflow what was far from it."""
    return all(2.0**-10 <= abs(value) <= 2.0**10 for value in values)


_RULES: tuple[Rule, ...] = (
    _fold_constants,
    _neutral_elements,
    _signs,
    _constant_first,
    _merge_factors,
    _constant_outwards,
    _divide_by_power_of_two,
    _powers,
    _choice,
    _rectifier,
)
