"""A guarded view of a graph in sympy, and the way back.

Operators whose row has no sympy cell go through as opaque functions, so that sympy cannot open
what was written for accuracy. Nothing here parses text.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import sympy

from actdsl.ir import BOOL, Node, Param, const, input, node, param, topological
from actdsl.ops import TABLE, Op

_CLASSES: dict[Any, str] = {
    sympy.Abs: "abs", sympy.sign: "sign", sympy.exp: "exp", sympy.log: "log", sympy.sin: "sin",
    sympy.cos: "cos", sympy.tan: "tan", sympy.atan: "atan", sympy.sinh: "sinh",
    sympy.cosh: "cosh", sympy.tanh: "tanh", sympy.asinh: "asinh", sympy.floor: "floor",
    sympy.ceiling: "ceil", sympy.Mod: "mod", sympy.Max: "max", sympy.Min: "min",
    sympy.StrictLessThan: "lt", sympy.LessThan: "le", sympy.StrictGreaterThan: "gt",
    sympy.GreaterThan: "ge", sympy.Eq: "eq", sympy.Ne: "ne", sympy.And: "and", sympy.Or: "or",
    sympy.Not: "not", sympy.Add: "add", sympy.Mul: "mul",
}  # fmt: skip


class NoView(Exception):
    """The expression has no counterpart on the other side."""


def to_sympy(root: Node) -> Any:
    """The graph (without calls and statistics) as an expression of real symbols."""
    values: dict[Node, Any] = {}
    for current in topological([root]):
        values[current] = _expression(current, [values[arg] for arg in current.args])
    return values[root]


def from_sympy(expression: Any, params: dict[str, Param]) -> Node:
    """The graph of an expression; symbols named in ``params`` are parameters, others inputs.

    Raises:
        NoView: it holds something that the language does not have.
    """
    if expression is sympy.true or expression is sympy.false:
        return const(bool(expression))
    if expression.is_Symbol:
        name = str(expression)
        return param(params[name]) if name in params else input(name)
    if expression.is_number:
        return _number(expression)
    if isinstance(expression, sympy.Piecewise):
        return _choices(expression, params)
    operands = [from_sympy(arg, params) for arg in expression.args]
    if isinstance(expression, sympy.Pow):
        return operands[0] ** operands[1]
    name = _CLASSES.get(expression.func, expression.func.__name__)
    op = TABLE.get(name)
    if op is None or op.contextual:
        raise NoView(str(expression.func))
    return _apply(op, operands)


def _expression(current: Node, operands: list[Any]) -> Any:
    if current.op == "const":
        assert isinstance(current.attr, float | bool)
        return _truth(current.attr) if current.type is BOOL else _exact(float(current.attr))
    if current.op == "input":
        return sympy.Symbol(str(current.attr), real=True)
    if isinstance(current.attr, Param):
        return sympy.Symbol(current.attr.name, real=True)
    op = TABLE[current.op]
    if op.contextual:
        raise NoView(current.op)
    return op.sympy(*operands) if op.sympy else sympy.Function(op.name, real=True)(*operands)


def _truth(value: float | bool) -> Any:
    return sympy.true if value else sympy.false


def _exact(value: float) -> Any:
    """Small fractions of powers of two as rationals, which sympy combines freely; others as floats."""
    scaled = value * 1024
    return sympy.Rational(int(scaled), 1024) if scaled.is_integer() else sympy.Float(value, 17)


def _number(expression: Any) -> Node:
    value = complex(expression.evalf(20))
    if value.imag != 0:
        raise NoView(str(expression))
    return const(value.real)


def _choices(expression: Any, params: dict[str, Param]) -> Node:
    pairs = [(from_sympy(a, params), from_sympy(c, params)) for a, c in expression.args]
    result, last = pairs[-1]
    if last.attr is not True:
        raise NoView("Piecewise without a default")
    for value, condition in reversed(pairs[:-1]):
        result = node("where", (condition, value, result))
    return result


def _apply(op: Op, operands: list[Node]) -> Node:
    if len(operands) == op.arity:
        return node(op.name, tuple(operands), type=op.result)
    if op.arity == 2 and len(operands) > 2:
        return reduce(lambda a, b: node(op.name, (a, b), type=op.result), operands)
    raise NoView(op.name)
