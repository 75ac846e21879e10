"""The functions as text, for generated files that run without this package."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterable
from typing import Any

from actdsl.backends.vecmath import (
    beyond,
    bits,
    error_function,
    exponential,
    hyperbolic,
    logarithm,
    logistic,
    power,
    trigonometric,
)

DECORATOR = (
    "@numba.njit(error_model='numpy', forceinline=True, "
    "no_cpython_wrapper=True, no_cfunc_wrapper=True)"
)
"""Compiles a function only to be inlined into others; `error_model` keeps division branch-free."""

IMPORTS = """\
import math

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
"""


def source_of(names: Iterable[str], decorator: str = DECORATOR) -> str:
    """Python source that defines the functions `names` and all they call, callees first.

    The line `decorator` stands before every function but those that build LLVM code. The text
    begins with the imports it needs (math, numba, llvmlite) and depends only on the set of names.
    Raises KeyError for an unknown name.
    """
    order: dict[str, str] = {}
    for name in sorted(set(names)):
        _visit(name, decorator, order)
    return "\n\n".join([IMPORTS, *order.values()])


def _visit(name: str, decorator: str, order: dict[str, str]) -> None:
    """Append `name` to `order` after the functions it calls."""
    if name in order:
        return
    text = _MACHINE[name] if name in _MACHINE else f"{decorator}\n{_FUNCTIONS[name]}"
    used = (node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    for callee in sorted(set(used) - {name}):
        if callee in _MACHINE or callee in _FUNCTIONS:
            _visit(callee, decorator, order)
    order[name] = text


def _definitions(*modules: types.ModuleType) -> dict[str, str]:
    """The text of each function and intrinsic that the modules define, by name."""
    found: dict[str, str] = {}
    for module in modules:
        for name, value in vars(module).items():
            function: Any = getattr(value, "_defn", value)
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                found[name] = inspect.getsource(function)
    return found


_MACHINE = _definitions(bits, beyond)
_FUNCTIONS = _definitions(
    exponential, logarithm, trigonometric, hyperbolic, error_function, logistic, power
)
