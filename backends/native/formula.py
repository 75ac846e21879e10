"""One formula of vector functions as a loop over arrays: for whoever measures these functions."""

from __future__ import annotations

import ast
import ctypes
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numpy.typing import NDArray

from actdsl.backends import vecmath
from actdsl.backends.native.code import ENTRY, address, machine_code
from actdsl.backends.native.loops import text_of
from actdsl.backends.native.machine import INTEGER
from actdsl.backends.native.memory import STORED, Array
from actdsl.backends.native.translate import Body, Unit

_ARRAYS = ("a", "b", "y")


def formula_text(formula: str, dtype: str, real: str | None = None) -> str:
    """The LLVM module of a loop ``y[i] = formula`` with u = a[i] and v = b[i].

    Args:
        formula: in the subset of Python that kernels are written in.
        dtype: ``float32`` or ``float64``, the type of all three arrays.
        real: what u and v are, if not the same.
    """
    unit = Unit(_definition)
    pointers = [STORED[dtype].as_pointer()] * len(_ARRAYS)
    kind = ir.FunctionType(ir.VoidType(), [INTEGER, *pointers])
    function = ir.Function(unit.module, kind, ENTRY)
    size, *arrays = function.args
    names: dict[str, ir.Value | Array] = {"n": size}
    names |= {name: Array(p, dtype) for name, p in zip(_ARRAYS, arrays, strict=True)}
    read = [f"{name} = np.{real or dtype}({array}[i])" for name, array in (("u", "a"), ("v", "b"))]
    lines = ["for i in range(n):", *(f"    {line}" for line in [*read, f"y[i] = {formula}"])]
    Body(unit, function, names).run(ast.parse("\n".join(lines)).body)
    return text_of(unit.module)


def compiled(
    formula: str, dtype: str, real: str | None = None
) -> Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], None]:
    """The same as a function of contiguous arrays a, b and y, which it writes."""
    code = machine_code(formula_text(formula, dtype, real))
    kinds = [ctypes.c_int64, *[ctypes.c_void_p] * len(_ARRAYS)]
    call = ctypes.CFUNCTYPE(None, *kinds)(address(code, ENTRY))

    def loop(*arrays: NDArray[Any]) -> None:
        assert all(a.dtype == dtype and a.flags.c_contiguous for a in arrays)
        call(arrays[-1].size, *(a.ctypes.data for a in arrays))

    return loop


def _definition(name: str) -> ast.FunctionDef:
    (tree,) = ast.parse(vecmath.definition(name)).body
    assert isinstance(tree, ast.FunctionDef)
    return tree
