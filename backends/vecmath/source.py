"""The functions as text: for generated files, and for whoever compiles them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

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

_MACHINE = ("bits", "fallback", "beyond")
"""Modules of functions that build LLVM code; the others are arithmetic."""

_IN_FLOAT64 = ("double", "short")
"""Packages of functions that Numba compiles too."""

_DEFINITION = re.compile(r"^(?:@\w+\n)?def (\w+)\(")


def source_of(names: Iterable[str]) -> str:
    """Python source that defines the functions `names` and all they call, callees first.

    `DECORATOR` stands before every function but those that build LLVM code. The text begins with
    the imports it needs (math, numba, llvmlite) and depends only on the set of names. Raises
    KeyError for an unknown name.
    """
    order: dict[str, str] = {}
    for name in sorted(set(names)):
        _visit(name, order)
    return "\n\n".join([IMPORTS, *order.values()])


def definition(name: str) -> str:
    """The text of one function of the vector mathematics. Raises KeyError for an unknown name."""
    return _functions(*_IN_FLOAT64, "single")[name]


def _visit(name: str, order: dict[str, str]) -> None:
    """Append `name` to `order` after the functions it calls."""
    if name in order:
        return
    machine, functions = _machine(), _functions(*_IN_FLOAT64)
    text = machine[name] if name in machine else f"{DECORATOR}\n{functions[name]}"
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    for callee in sorted(used - {name}):
        if callee in machine or callee in functions:
            _visit(callee, order)
    order[name] = text


@cache
def _machine() -> dict[str, str]:
    package = files("actdsl.backends.vecmath")
    texts = [(package / f"{module}.py").read_text() for module in _MACHINE]
    return {name: text for module in texts for name, text in _definitions(module)}


@cache
def _functions(*precisions: str) -> dict[str, str]:
    package = files("actdsl.backends.vecmath")
    modules = [m for precision in precisions for m in (package / precision).iterdir()]
    texts = [m.read_text() for m in modules if m.name.endswith(".py")]
    return {name: text for module in texts for name, text in _definitions(module)}


def _definitions(module: str) -> Iterator[tuple[str, str]]:
    """The text of each function that a module defines, by name: they stand two lines apart."""
    for part in module.split("\n\n\n"):
        if found := _DEFINITION.match(part):
            yield found[1], part.strip()
