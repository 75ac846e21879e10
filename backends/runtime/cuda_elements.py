"""Device functions that read and write tensor elements in the working type of a kernel."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from actdsl.backends.runtime.cuda_device import device, libdevice
from actdsl.backends.runtime.cuda_vectors import WIDTHS, vectors


class Elements(NamedTuple):
    """How kernels see the tensors of one type.

    Attributes:
        real: the working type.
        read: ``read(array, i)`` is element i in the working type.
        write: ``write(array, i, value)`` rounds to the nearest, ties to even.
        load: ``load(array, v)`` is the vector of elements ``width * v`` and those after it.
        store: ``store(array, v, values)`` writes a vector.
        width: how many elements 128 bits hold.
        quick: whether the hardware's approximations will do.
    """

    real: Any
    read: Any
    write: Any
    load: Any
    store: Any
    width: int
    quick: bool


@functools.cache
def elements(dtype: str, fast: bool = False) -> Elements:
    """For tensors of a dtype; ``fast`` has float32 approximated as half types are.

    Half types are computed in float32. A bfloat16 tensor is seen as int16: the bits that it holds
    are the upper half of a float32.
    """
    real = np.float64 if dtype == "float64" else np.float32
    read, write = _bfloat16() if dtype == "bfloat16" else _plain(real)
    load, store = vectors(dtype, read, write)
    half = dtype in ("float16", "bfloat16")
    return Elements(
        real, read, write, load, store, WIDTHS[dtype], half or (fast and dtype == "float32")
    )


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
