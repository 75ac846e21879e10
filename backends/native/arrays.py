"""Kernels on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.layout import Views
from actdsl.backends.native.pool import thread_count
from actdsl.backends.runtime.arrays import supported

Array = NDArray[Any]


def forward(
    kernels: Kernels, inputs: Sequence[Array], params: Sequence[Any], out: Array | None = None
) -> Array:
    """The activation of arrays of one shape, written to ``out`` if it is given (also in place)."""
    x = inputs[0]
    if not params and out is None and len(inputs) == 1 and x.flags.c_contiguous and x.size:
        # The common case, a small array through a plain function, goes without questions.
        launcher = kernels.launcher("forward", _type_name(x))
        if launcher.plain and x.size < launcher.alone:
            y = np.empty_like(x)
            launcher.call(1, x.size, 0, 0, _address(x), _address(y))
            return y
    _check(inputs, out)
    if out is None:
        out = np.empty_like(x)
    target = out if _safe(out, inputs) else np.empty_like(x)
    _run(kernels, "forward", inputs, params, [target])
    if target is not out:
        np.copyto(out, target)
    return out


def gradient(
    kernels: Kernels, flow: Array, inputs: Sequence[Array], params: Sequence[Any]
) -> list[Array]:
    """Gradients of sum(flow * output), of each input, then of each parameter."""
    _check([flow, *inputs], None)
    outputs = [np.empty_like(x) for x in inputs]
    sums = _run(kernels, "backward", [flow, *inputs], params, outputs)
    shapes = [np.shape(p) for p in _parameters(kernels, params, inputs[0])]
    return [
        *outputs,
        *(s.reshape(shape).astype(flow.dtype) for s, shape in zip(sums, shapes, strict=True)),
    ]


def _run(
    kernels: Kernels,
    name: str,
    inputs: Sequence[Array],
    params: Sequence[Any],
    outputs: Sequence[Array],
) -> list[Array]:
    x = inputs[0]
    launcher = kernels.launcher(name, _type_name(x))
    held = _parameters(kernels, params, x)
    if x.size == 0:
        return [np.zeros(p.shape) for p in held]
    return list(launcher.fill(_VIEWS, x.shape, inputs, held, outputs, thread_count()))


def _parameters(kernels: Kernels, params: Sequence[Any], x: Array) -> list[Array]:
    """Parameters in the arrays' type, one number or one per feature."""
    shapes = [x.shape[-1:] if spec.per_channel else () for spec in kernels.program.params]
    return [
        np.array(np.broadcast_to(value, shape), x.dtype, order="C")
        for shape, value in zip(shapes, params, strict=True)
    ]


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
        not np.may_share_memory(out, a)
        or (_address(out) == _address(a) and out.strides == a.strides)
        for a in inputs
    )


def _type_name(array: Array) -> str:
    return "float32" if supported(array).itemsize == 4 else "float64"


def _address(array: Array) -> int:
    # Four times as fast, where an array lets itself be seen as a buffer that may be written.
    if array.flags.writeable and array.flags.c_contiguous and array.size:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return int(array.__array_interface__["data"][0])


def _strides(array: Array) -> list[int] | None:
    size = array.itemsize
    return None if any(s % size for s in array.strides) else [s // size for s in array.strides]


_VIEWS = Views(_address, _strides, partial(np.asarray, order="C"), np.copyto)
