"""CUDA kernels compiled as for a device that is not there: a script whose answer is JSON.

All that Numba asks of a device is its compute capability, and that it take the machine code.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.cuda.ptx import signature
from actdsl.cache_directory import cache_directory

PROCESSES = 8
compilations: list[Any] = []


def stand_in_for_a_device() -> None:
    """Have Numba compile for compute capability 9.0, and count what it compiles."""
    from numba.cuda import codegen, dispatcher

    compile_kernel = dispatcher.compile_cuda

    def counted(function: Any, *args: Any, **options: Any) -> Any:
        compilations.append(function)
        return compile_kernel(function, *args, **options)

    dispatcher.compile_cuda = counted
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))
    dispatcher._Kernel.bind = lambda kernel: kernel.library.get_cubin()
    codegen.CUDACodeLibrary._ensure_cc = lambda _, cc: cc or (9, 0, "a")
    codegen.JITCUDACodegen.magic_tuple = lambda _: ((13, 0), (9, 0))


def compiled(dtype: str = "float32", fast: bool = False) -> dict[str, Any]:
    """How many compilations a process without kernels needs for one, and what it then has."""
    known = len(compilations)
    of_program = function(actdsl.zoo["mish"], "cuda", fast)
    module = sys.modules[of_program.__module__]
    passes = module._kernels.__wrapped__(*module.elements(dtype, fast))["forward"]
    kernel = passes[0].kernel.compile(signature(passes[0].kernel, dtype).args)
    text = re.sub(r"_ZN\w+", "", kernel.library.get_asm_str())  # names, which Numba numbers
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return {"compilations": len(compilations) - known, "code": digest}


def damaged(change: Callable[[bytes], bytes]) -> dict[str, Any]:
    """The same where the one kernel on disk has been changed."""
    (file,) = files()
    file.write_bytes(change(file.read_bytes()))
    return {**compiled(), "mended": compiled()}


def files() -> list[Path]:
    folder = cache_directory()
    assert folder is not None
    return [*(folder / "kernels").iterdir()]


def at_once(_: int) -> dict[str, Any]:
    return compiled()


def answer() -> dict[str, Any]:
    """What a process finds, one step after the other, in a folder that it starts with."""
    found: dict[str, Any] = {"first": compiled(), "again": compiled()}
    found["cut short"] = damaged(lambda content: content[: len(content) // 2])
    found["one bit"] = damaged(lambda content: content[:-1] + bytes([content[-1] ^ 1]))
    files()[0].unlink()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        found["at once"] = pool.map(at_once, range(PROCESSES), chunksize=1)
    found["files"] = [file.suffix for file in files()]
    found["float16"], found["fast"] = compiled("float16"), compiled(fast=True)
    return found


if __name__ == "__main__":
    stand_in_for_a_device()
    print(json.dumps(compiled() if "first" in sys.argv else answer()))
