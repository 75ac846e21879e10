"""What torch has functions for and we have formulas for, and how those functions are called."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from actdsl.ir import Function, Node, constant
from actdsl.program import Kind, Program

_CALLS = {
    "celu": "torch.nn.functional.celu({0}, {1})",
    "elu": "torch.nn.functional.elu({0}, {1})",
    "gelu": "torch.nn.functional.gelu({0})",
    "gelu_tanh": "torch.nn.functional.gelu({0}, approximate='tanh')",
    "hardshrink": "torch.nn.functional.hardshrink({0}, {1})",
    "hardsigmoid": "torch.nn.functional.hardsigmoid({0})",
    "hardswish": "torch.nn.functional.hardswish({0})",
    "hardtanh": "torch.nn.functional.hardtanh({0}, {1}, {2})",
    "leaky_relu": "torch.nn.functional.leaky_relu({0}, {1})",
    "logsigmoid": "torch.nn.functional.logsigmoid({0})",
    "mish": "torch.nn.functional.mish({0})",
    "prelu": "torch.nn.functional.prelu({0}, {1}.reshape(1))",
    "relu6": "torch.nn.functional.relu6({0})",
    "rrelu": "torch.nn.functional.rrelu({0}, {1}, {2})",
    "selu": "torch.nn.functional.selu({0})",
    "sign": "torch.sign({0})",
    "silu": "torch.nn.functional.silu({0})",
    "softplus": "torch.nn.functional.softplus({0})",
    "softshrink": "torch.nn.functional.softshrink({0}, {1})",
    "softsign": "torch.nn.functional.softsign({0})",
    "std": "torch.std({0}, correction=0)",
    "swish": "torch.nn.functional.silu({0})",
    "tanhshrink": "torch.nn.functional.tanhshrink({0})",
    "threshold": "torch.nn.functional.threshold({0}, {1}, {2})",
    "var": "torch.var({0}, correction=0)",
}
"""By the language's name. The first is a tensor; what torch takes as numbers has to be constant."""

_AT_DEFAULTS: dict[str, Callable[[Tensor], Tensor]] = {
    "torch.nn.functional.elu({0})": functional.elu,
    "torch.nn.functional.gelu({0})": functional.gelu,
    "torch.nn.functional.hardsigmoid({0})": functional.hardsigmoid,
    "torch.nn.functional.hardswish({0})": functional.hardswish,
    "torch.nn.functional.leaky_relu({0})": functional.leaky_relu,
    "torch.nn.functional.logsigmoid({0})": functional.logsigmoid,
    "torch.nn.functional.mish({0})": functional.mish,
    "torch.relu({0})": torch.relu,
    "torch.nn.functional.relu6({0})": functional.relu6,
    "torch.nn.functional.selu({0})": functional.selu,
    "torch.sigmoid({0})": torch.sigmoid,
    "torch.nn.functional.silu({0})": functional.silu,
    "torch.nn.functional.softplus({0})": functional.softplus,
    "torch.nn.functional.softsign({0})": functional.softsign,
    "torch.tanh({0})": torch.tanh,
    "torch.nn.functional.tanhshrink({0})": functional.tanhshrink,
}


def call_of(current: Node) -> str | None:
    """How torch spells what a node computes, if it has a function for just that."""
    name = current.attr.name if isinstance(current.attr, Function) else current.op
    if name not in _CALLS or constant(current.args[0]) is not None:
        return None
    numbers = current.args[1:]
    if current.op in ("std", "var") and current.attr != "all":
        return None
    if name == "prelu":
        shared = getattr(numbers[0].attr, "per_channel", True) is False
        return _CALLS[name] if shared else None
    return _CALLS[name] if all(constant(number) is not None for number in numbers) else None


def equal_in_value(program: Program, formula: Callable[[Tensor], Tensor]) -> str | None:
    """The call that gives what a formula written out by hand gives, if torch has one.

    A file may spell GELU out; it is measured against torch's GELU all the same.
    """
    if program.kind is Kind.CONTEXTUAL or program.params or len(program.inputs) != 1:
        return None
    x = torch.linspace(-12.0, 12.0, 1001, dtype=torch.float64)
    values = formula(x)
    for text, function in _AT_DEFAULTS.items():
        if torch.allclose(function(x), values, rtol=1e-6, atol=1e-9):
            return text
    return None
