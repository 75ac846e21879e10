"""CPU kernels on NumPy arrays of any shape and layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from actdsl.backends.runtime.extents import extents

Array = np.ndarray[Any, np.dtype[Any]]


def run(
    kernels: Mapping[str, Callable[..., None]],
    inputs: Sequence[Array],
    params: Sequence[Array],
    outputs: int,
    sums: Sequence[Array],
    shaped: bool,
) -> list[Array]:
    """Run the kernel for the type of some arrays of one shape; give its outputs, then its sums.

    Sums are shaped as ``sums``. Arrays are read in place when they are contiguous, and copied first
    when they are not. A kernel that is ``shaped`` is told the sizes of the first, the inner and the
    last axes; another, the size.
    """
    first = inputs[0]
    if any(array.shape != first.shape for array in inputs):
        raise ValueError(f"shapes differ: {', '.join(str(a.shape) for a in inputs)}")
    flat = [np.ascontiguousarray(array).reshape(-1) for array in inputs]
    written = [np.empty(first.size, dtype=first.dtype) for _ in range(outputs)]
    totals = [np.zeros(target.size) for target in sums]
    vectors = [np.ascontiguousarray(p, dtype=np.float64).reshape(-1) for p in params]
    if first.size:
        kernels[first.dtype.name](
            *flat, *vectors, *written, *totals, *(extents(first.shape) if shaped else (first.size,))
        )
    return [
        *(array.reshape(first.shape) for array in written),
        *(t.reshape(p.shape).astype(first.dtype) for t, p in zip(totals, sums, strict=True)),
    ]


def supported(array: Array) -> Array:
    """The array, if its type has a kernel."""
    if array.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{array.dtype} is not supported: use float32 or float64, "
            "for example x.astype(np.float32)"
        )
    return array
