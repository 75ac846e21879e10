"""CUDA kernels on torch tensors: in place, on torch's current stream."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.runtime.cuda_device import cuda
from actdsl.backends.runtime.cuda_elements import elements
from actdsl.backends.runtime.cuda_passes import BLOCK, Launcher, Pass, run_passes
from actdsl.backends.runtime.cuda_vectors import VECTOR_BYTES

# Numba warns of a grid of fewer; idle blocks cost less than a microsecond.
LEAST_BLOCKS = 128
BLOCKS_PER_MULTIPROCESSOR = 8
ELEMENT_TYPES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
}


def cuda_step(
    kernels: Callable[..., Mapping[str, Sequence[Pass]]],
    name: str,
    inputs: int,
    outputs: int,
    sums: int,
    fast: bool = False,
) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """A kernel as a step: takes a list of tensors, ``inputs`` of one shape and then parameters.

    It gives ``outputs`` tensors of that shape, then one for each of the last ``sums`` parameters.
    ``kernels`` makes every kernel's passes for a type; ``name`` says which kernel's to run; ``fast``
    has float32 approximated as half types are.
    """

    def run_on_tensors(tensors: Sequence[Tensor]) -> list[Tensor]:
        first = tensors[0]
        check_alike(tensors[:inputs])
        real = torch.float64 if first.dtype == torch.float64 else torch.float32
        arrays = [tensor.detach() for tensor in tensors[:inputs]]
        params = [tensor.detach().to(real) for tensor in tensors[inputs:]]
        written = [
            torch.empty_like(first, memory_format=torch.contiguous_format) for _ in range(outputs)
        ]
        totals = [torch.zeros_like(param) for param in params[len(params) - sums :]]
        if first.numel():
            of_type = elements(ELEMENT_TYPES[first.dtype], fast)
            flat = [tensor.contiguous() for tensor in arrays]
            with context_of(first.device):
                run_passes(
                    kernels(*of_type)[name],
                    [memory(tensor) for tensor in (*flat, *params)],
                    [memory(tensor) for tensor in written],
                    [memory(tensor) for tensor in totals],
                    first.shape,
                    launcher(first.device, real),
                    vectors=first.numel() // of_type.width if aligned([*flat, *written]) else 0,
                )
        return [*written, *(total.to(first.dtype) for total in totals)]

    return run_on_tensors


def warm_up(
    function: Callable[..., Tensor],
    inputs: int = 1,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cuda",
) -> None:
    """Compile what an activation's value and gradient need, as a CUDA graph does before a capture.

    ``function`` takes ``inputs`` tensors, like the one that this file defines.
    """
    tensors = [
        torch.zeros(1, dtype=dtype, device=device, requires_grad=True) for _ in range(inputs)
    ]
    torch.autograd.grad(function(*tensors).sum(), tensors)


def on_cuda(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function, which tells whoever calls it with a tensor of another device what to do."""

    def call(*tensors: Tensor) -> Tensor:
        for tensor in tensors:
            if tensor.device.type not in ("cuda", "meta"):
                raise elsewhere(tensor)
        return function(*tensors)

    return call


def elsewhere(tensor: Tensor) -> Exception:
    """The error for a tensor that is not on a CUDA device."""
    other = "compile it with --backend numba or torch to run it there"
    if not torch.cuda.is_available():
        return RuntimeError(
            f"this activation needs a CUDA device and torch finds none; its tensor is on "
            f"{tensor.device}: {other}"
        )
    return TypeError(
        f"this activation takes tensors on a CUDA device, not on {tensor.device}: "
        f"call .cuda() on them, or {other}"
    )


def check_alike(tensors: Sequence[Tensor]) -> None:
    """Refuse tensors of a type without kernels, and of different shapes, types or devices."""
    first = tensors[0]
    if first.dtype not in ELEMENT_TYPES:
        raise TypeError(
            f"{first.dtype} is not supported: use float16, bfloat16, float32 or float64, "
            "for example x.to(torch.float32)"
        )
    for tensor in tensors[1:]:
        if tensor.shape != first.shape:
            raise ValueError(f"shapes differ: {tuple(first.shape)} and {tuple(tensor.shape)}")
        if tensor.dtype != first.dtype:
            raise TypeError(f"types differ: {first.dtype} and {tensor.dtype}")
        if tensor.device != first.device:
            raise ValueError(f"devices differ: {first.device} and {tensor.device}")


def aligned(tensors: Sequence[Tensor]) -> bool:
    """Whether every tensor begins where a vector may."""
    return all(tensor.data_ptr() % VECTOR_BYTES == 0 for tensor in tensors)


def memory(tensor: Tensor) -> Any:
    """A tensor's memory as a flat array for kernels; a strided tensor is copied first."""
    flat = tensor.contiguous().view(-1)
    return cuda.as_cuda_array(flat.view(torch.int16) if flat.dtype == torch.bfloat16 else flat)


def context_of(device: torch.device) -> Any:
    """A context manager that makes a device the one that Numba launches on."""
    return cuda.gpus[device.index]


@functools.cache
def stream_of(pointer: int) -> Any:
    """A stream of torch's as Numba's: always the same object, by which Numba knows a launch again."""
    return cuda.external_stream(pointer) if pointer else 0


@functools.cache
def most_blocks(device: torch.device) -> int:
    """How many blocks keep a device busy."""
    multiprocessors: int = torch.cuda.get_device_properties(device).multi_processor_count
    return max(LEAST_BLOCKS, BLOCKS_PER_MULTIPROCESSOR * multiprocessors)


def launcher(device: torch.device, real: torch.dtype) -> Launcher:
    """Launches on torch's current stream, with scratch memory from torch's allocator."""
    stream = stream_of(torch.cuda.current_stream(device).cuda_stream)

    def scratch(length: int) -> Any:
        return memory(torch.empty(length, dtype=real, device=device))

    def call(kernel: Any, blocks: int, arguments: Sequence[Any]) -> None:
        kernel[blocks, BLOCK, stream](*arguments)

    return Launcher(LEAST_BLOCKS, most_blocks(device), scratch, call)
