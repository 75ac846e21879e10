"""Compiled CUDA kernels on disk, beside those of the CPU.

Numba has a cache of its own, which never finds kernels like ours again: what they capture, device
functions among them, has another name in every process. It also reads whatever it finds.
"""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

import llvmlite
import numba

from actdsl.backends.cache import kernel_cache

numba_cuda: Any = import_module("numba_cuda")
cuda: Any = import_module("numba.cuda")
caching: Any = import_module("numba.cuda.core.caching")
compiled: Any = import_module("numba.cuda.dispatcher")
nvvm: Any = import_module("numba.cuda.cudadrv.nvvm")
dumps: Callable[[Any], bytes] = import_module("numba.cuda.serialize").dumps


def keep_kernels(module: ModuleType) -> None:
    """Have the kernels that a generated file will make looked up on disk before they are compiled."""
    if not vars(module)["SIMULATED"]:
        vars(module)["kernel"] = _kept


def _kept(function: Callable[..., None]) -> Any:
    """Numba's kernel of a function, with our cache in the place of Numba's."""
    kernel = cuda.jit(function)
    kernel._cache = _KernelCache(f"{described(function)}\n{kernel.targetoptions}")
    return kernel


class _KernelCache(caching.NullCache):  # type: ignore[misc]
    """What Numba asks before it compiles a kernel for some types, and tells when it has."""

    def __init__(self, kernel: str) -> None:
        self._kernel = kernel

    def load_overload(self, types: Any, target: Any) -> Any:
        """The compiled kernel, as Numba's own cache builds it from what it has stored."""
        data = kernel_cache().get(self._key(types, target))
        return None if data is None else compiled._Kernel._rebuild(**pickle.loads(data))

    def save_overload(self, types: Any, kernel: Any) -> None:
        """Keep it: LLVM's text, PTX, and machine code for this device."""
        key = self._key(types, kernel.target_context)
        kernel_cache().put(key, dumps(kernel._reduce_states()))

    def _key(self, types: Any, target: Any) -> str:
        """All that the machine code depends on; the file that a kernel stands in names its text."""
        device = target.codegen().magic_tuple()  # the toolkit's version and the compute capability
        versions = [numba_cuda.__version__, numba.__version__, llvmlite.__version__]
        versions += [nvvm.NVVM().get_ir_version(), platform.python_version()]
        return "\n".join(map(str, [self._kernel, types, device, *versions]))


def described(value: Any) -> str:
    """A function by its place in its file, with all that it captures; anything else as shown.

    A generated file is named after its text. What functions of one text capture tells them apart:
    the working type, how elements are read, the step of a reduction.
    """
    function = getattr(value, "py_func", getattr(value, "_defn", value))  # beneath Numba's wrapping
    if not isinstance(function, FunctionType):
        return repr(value)
    captured = [described(cell.cell_contents) for cell in function.__closure__ or ()]
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno} {code.co_name}({', '.join(captured)})"
