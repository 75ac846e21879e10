"""Constructors of nodes by the operators' own names, for the passes that write IR by hand."""

from __future__ import annotations

from collections.abc import Callable

from actdsl.ir import BOOL, Attribute, Node, Operand, as_node, node

Constructor = Callable[..., Node]


def _real(name: str) -> Constructor:
    def construct(*operands: Operand, attr: Attribute = None) -> Node:
        return node(name, tuple(map(as_node, operands)), attr)

    return construct


def _bool(name: str) -> Constructor:
    def construct(*operands: Operand) -> Node:
        return node(name, tuple(map(as_node, operands)), type=BOOL)

    return construct


abs_, sign, sqrt, rsqrt = map(_real, ("abs", "sign", "sqrt", "rsqrt"))
exp, exp2, expm1, log, log2, log1p = map(_real, ("exp", "exp2", "expm1", "log", "log2", "log1p"))
sin, cos, tan, atan, sinc, cospi = map(_real, ("sin", "cos", "tan", "atan", "sinc", "cospi"))
sinh, cosh, tanh, asinh, sech2 = map(_real, ("sinh", "cosh", "tanh", "asinh", "sech2"))
erf, erfc, sigmoid, softplus, relu = map(_real, ("erf", "erfc", "sigmoid", "softplus", "relu"))
gaussian, sigmoid_slope = map(_real, ("gaussian", "sigmoid_slope"))
minimum, maximum, clip = map(_real, ("min", "max", "clip"))
floor, ceil, round_, mod = map(_real, ("floor", "ceil", "round", "mod"))
mean, var, std, amin, amax = map(_real, ("mean", "var", "std", "amin", "amax"))
shift, stopgrad, where = map(_real, ("shift", "stopgrad", "where"))
equal, both, either, negation = map(_bool, ("eq", "and", "or", "not"))


def square(x: Node) -> Node:
    """x * x."""
    return x * x
