"""Kernels on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.layout import Views, address
from actdsl.backends.native.pool import thread_count
from actdsl.backends.runtime.arrays import supported

Array = NDArray[Any]

_NAMES = {np.dtype(name): name for name in ("float32", "float64")}
_from_buffer: Any = ctypes.c_char.from_buffer
_pointer_of = ctypes.addressof


def forward(
    kernels: Kernels, inputs: Sequence[Array], params: Sequence[Any], out: Array | None = None
) -> Array:
    """The activation of arrays of one shape, written to ``out`` if it is given (also in place)."""
    if len(inputs) != len(kernels.program.inputs):
        raise TypeError(f"it takes {len(kernels.program.inputs)} arrays, not {len(inputs)}")
    if out is not None or len(inputs) > 1:
        _check(inputs, out)
    target = np.empty_like(inputs[0]) if out is None or not _safe(out, inputs) else out
    _run(kernels, "forward", inputs, params, [target])
    if out is None or target is out:
        return target
    np.copyto(out, target)
    return out


def gradient(
    kernels: Kernels, flow: Array, inputs: Sequence[Array], params: Sequence[Any]
) -> list[Array]:
    """Gradients of sum(flow * output), of each input, then of each parameter."""
    _check([flow, *inputs], None)
    outputs = [np.empty_like(x) for x in inputs]
    sums = _run(kernels, "backward", [flow, *inputs], params, outputs)
    shapes = [p.shape for p in _parameters(kernels, params, flow)]
    sums = [s.reshape(shape).astype(flow.dtype) for s, shape in zip(sums, shapes, strict=True)]
    return [*outputs, *sums]


def _run(
    kernels: Kernels,
    name: str,
    inputs: Sequence[Array],
    params: Sequence[Any],
    outputs: Sequence[Array],
) -> Sequence[Array]:
    x = inputs[0]
    launcher = kernels.launcher(name, _type_name(x))
    held = _parameters(kernels, params, x) if params else ()
    if x.size < launcher.alone:
        try:
            pointers = [*map(_pointer_of, map(_from_buffer, (*inputs, *held, *outputs)))]
        except (TypeError, ValueError):  # an array that is not contiguous, or may not be written
            pass
        else:
            return launcher.at_once(x.shape, x.size, pointers)
    return launcher.fill(_VIEWS, x.shape, inputs, held, outputs, thread_count())


def _parameters(kernels: Kernels, params: Sequence[Any], x: Array) -> list[Array]:
    """Parameters in the arrays' type, one number or one per feature."""
    held = []
    for spec, value in zip(kernels.program.params, params, strict=True):
        array = np.array(value, x.dtype, order="C")
        shape = x.shape[-1:] if spec.per_channel else ()
        held.append(array if array.shape == shape else np.broadcast_to(array, shape).copy())
    return held


def _check(inputs: Sequence[Array], out: Array | None) -> None:
    first = supported(inputs[0])
    for array in (*inputs, *([] if out is None else [out])):
        if array.shape != first.shape:
            raise ValueError(f"shapes differ: {', '.join(str(a.shape) for a in inputs)}")
        if array.dtype != first.dtype:
            raise TypeError(f"types differ: {first.dtype} and {array.dtype}")


def _safe(out: Array, inputs: Sequence[Array]) -> bool:
    """Whether writing ``out`` spoils no input that is still to be read."""
    return all(
        not np.may_share_memory(out, a) or (address(out) == address(a) and out.strides == a.strides)
        for a in inputs
    )


def _type_name(array: Array) -> str:
    return _NAMES.get(array.dtype) or str(supported(array).dtype)


def _strides(array: Array) -> list[int] | None:
    size = array.itemsize
    return None if any(s % size for s in array.strides) else [s // size for s in array.strides]


_VIEWS = Views(address, _strides, partial(np.asarray, order="C"), np.copyto)
