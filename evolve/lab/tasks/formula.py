"""Arithmetic text, such as ``q**2 / (4*pi*r)``, as a function of NumPy arrays.

A walk over Python's syntax tree that knows numbers, names, four operations, powers and a fixed set
of functions. Nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import pi
from typing import Any

import numpy as np

from .shift import Rows

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "arcsin": np.arcsin,
    "cos": np.cos,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "sin": np.sin,
    "sinc": np.sinc,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
}


@dataclass(frozen=True)
class Formula:
    """An expression in named variables; ``sinc(x)`` is sin(pi x)/(pi x) and ``pi`` is pi.

    Called with an array for every variable, it gives the array of values.

    Raises:
        ValueError: when called, if the text holds anything but arithmetic.
    """

    text: str

    @cached_property
    def _tree(self) -> ast.expr:
        return ast.parse(self.text, mode="eval").body

    @property
    def variables(self) -> frozenset[str]:
        """The names that need a value."""
        names = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return frozenset(names - _FUNCTIONS.keys() - {"pi"})

    def __call__(self, values: Mapping[str, Rows]) -> Rows:
        return np.asarray(self._value(self._tree, values), dtype=np.float64)

    def _value(self, node: ast.expr, values: Mapping[str, Rows]) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id="pi"):
                return pi
            case ast.Name(id=name) if name in values:
                return values[name]
            case ast.BinOp(left, op, ast.Constant(value=int() as power)) if isinstance(op, ast.Pow):
                return _integer_power(self._value(left, values), power)
            case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self._value(left, values), self._value(right, values))
            case ast.UnaryOp(ast.USub(), operand):
                return -self._value(operand, values)
            case ast.Call(ast.Name(name), [argument], []) if name in _FUNCTIONS:
                return _FUNCTIONS[name](self._value(argument, values))
        raise ValueError(f"not arithmetic: {ast.unparse(node)} in {self.text}")


def _integer_power(base: Any, power: int) -> Any:
    # Repeated multiplication rounds the same everywhere; pow is the C library's.
    result = base
    for _ in range(power - 1):
        result = result * base
    return result
