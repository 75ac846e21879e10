"""Machine code as a builtin function of Python: a call takes a tenth of what ctypes takes for it.

ctypes goes through its list of types, argument by argument, and then through libffi: a microsecond,
as long as the kernel itself runs on a small tensor. A builtin is given the arguments in a row.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

from actdsl.backends.cache import kernel_cache
from actdsl.backends.native.code import address, machine_code, processor

_MOST = 16
"""Arguments that a builtin takes; kernels of more inputs and outputs than that go through ctypes."""
_FAST_CALL = 0x80  # METH_FASTCALL: (self, arguments, how many)
_SYMBOL = "actdsl_builtin"

_DECLARATIONS = """\
@_Py_NoneStruct = external global i8
declare i64 @PyLong_AsLongLong(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare void @Py_IncRef(ptr)
"""


class _Definition(ctypes.Structure):
    """Python's ``PyMethodDef``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def builtin(entry: int, count: int) -> Callable[..., None]:
    """A function of ``count`` whole numbers that calls machine code with them as 64-bit words.

    Args:
        entry: the address of a function of that many integers and pointers, without a result.
        count: how many; nothing else may be passed, and nobody checks.
    """
    if count > _MOST:
        return ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * count)(entry)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, *[ctypes.py_object] * 2]
    made: Callable[..., None] = make(ctypes.addressof(_definition()), entry, None)
    return made


@cache
def _definition() -> _Definition:
    """One for all kernels: the builtin's ``self`` says which is called."""
    key = "\n".join([builtin_text(), processor()])
    store = kernel_cache()
    code = store.get(key)
    if code is None:
        code = machine_code(builtin_text())
        store.put(key, code)
    return _Definition(b"kernel", address(code, _SYMBOL), _FAST_CALL, None)


@cache
def builtin_text() -> str:
    """The LLVM module: it reads the numbers, lets other threads run, and calls."""
    reads = [
        f"%p{k} = getelementptr i64, ptr %words, i64 {k}\n%w{k} = load i64, ptr %p{k}"
        for k in range(_MOST)
    ]
    numbers = [f"i64 %w{k}" for k in range(_MOST)]
    cases = [f"i64 {k}, label %call{k}" for k in range(_MOST + 1)]
    calls = [
        f"call{k}:\ncall void %kernel({', '.join(numbers[:k])})\nbr label %after"
        for k in range(_MOST + 1)
    ]
    lines = [
        f"define ptr @{_SYMBOL}(ptr %self, ptr %arguments, i64 %count) {{",
        f"start:\n%words = alloca i64, i64 {_MOST}\nbr label %test",
        "test:\n%k = phi i64 [0, %start], [%next, %read]\n%left = icmp slt i64 %k, %count",
        "br i1 %left, label %read, label %run",
        "read:\n%from = getelementptr ptr, ptr %arguments, i64 %k",
        "%to = getelementptr i64, ptr %words, i64 %k",
        "%argument = load ptr, ptr %from\n%word = call i64 @PyLong_AsLongLong(ptr %argument)",
        "store i64 %word, ptr %to\n%next = add i64 %k, 1\nbr label %test",
        "run:\n%address = call i64 @PyLong_AsLongLong(ptr %self)",
        "%kernel = inttoptr i64 %address to ptr\n%thread = call ptr @PyEval_SaveThread()",
        *reads,
        f"switch i64 %count, label %after [{' '.join(cases)}]",
        *calls,
        "after:\ncall void @PyEval_RestoreThread(ptr %thread)",
        "call void @Py_IncRef(ptr @_Py_NoneStruct)\nret ptr @_Py_NoneStruct\n}\n",
    ]
    return _DECLARATIONS + "\n".join(lines)
