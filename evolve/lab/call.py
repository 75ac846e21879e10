"""Calls as data, made from numba's code: the other end of ``actdsl.backends.training``."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic


@intrinsic
def _make_call(typing: Any, function: Any, words: Any) -> Any:
    """Call the function at an address with one argument, an address too."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)]).as_pointer()
        builder.call(builder.inttoptr(arguments[0], kind), [arguments[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


_call: Any = _make_call  # to a type checker the intrinsic still takes numba's context


@njit
def make(call: Any) -> None:
    """Make the call whose words a contiguous vector holds."""
    _call(call[0], call[1:].ctypes.data)
