"""Device functions that read and write tensor elements in the working type of a kernel."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

try:
    import_module("numba_cuda")  # numba has a module cuda of its own, for older toolkits
    cuda: Any = import_module("numba.cuda")
    libdevice: Any = import_module("numba.cuda.libdevice")
except ImportError as missing:
    raise ImportError("CUDA kernels need numba-cuda: pip install 'actdsl[cuda]'") from missing

# Inlined by Numba, so that a kernel compiles where there is no device.
device: Callable[[Any], Any] = cuda.jit(device=True, inline="always")
kernel: Callable[[Any], Any] = cuda.jit


@functools.cache
def elements(dtype: str) -> tuple[Any, Any, Any]:
    """The working type for tensors of a dtype, and the functions that read and write an element.

    Half types are computed in float32. ``read(array, i)`` gives the working type;
    ``write(array, i, value)`` rounds to the nearest, ties to even. A bfloat16 tensor is seen as
    int16: the bits that it holds are the upper half of a float32.
    """
    real = np.float64 if dtype == "float64" else np.float32
    return (real, *(_bfloat16() if dtype == "bfloat16" else _plain(real)))


def _plain(real: Any) -> tuple[Any, Any]:
    @device
    def read(array: Any, i: int) -> Any:
        return real(array[i])

    @device
    def write(array: Any, i: int, value: Any) -> None:
        array[i] = value

    return read, write


def _bfloat16() -> tuple[Any, Any]:
    @device
    def read(array: Any, i: int) -> Any:
        return libdevice.int_as_float(np.int32(np.int32(array[i]) << np.int32(16)))

    @device
    def write(array: Any, i: int, value: Any) -> None:
        bits = int(libdevice.float_as_int(value))
        nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        array[i] = nearest if value == value else 0x7FC0

    return read, write
