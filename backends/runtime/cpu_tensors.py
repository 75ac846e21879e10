"""CPU kernels on torch tensors, without copies where the memory allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from actdsl.backends.runtime.arrays import run

_HALVES = (torch.float16, torch.bfloat16)


def cpu_step(
    kernels: Mapping[str, Callable[..., None]],
    inputs: int,
    outputs: int,
    sums: int,
    shaped: bool,
) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """Kernels, by type of array, as a step.

    It takes a list of tensors: ``inputs`` of one shape, and then parameters.
    """

    def run_on_tensors(tensors: Sequence[Tensor]) -> list[Tensor]:
        dtype = tensors[0].dtype
        if dtype not in (*_HALVES, torch.float32, torch.float64):
            raise TypeError(
                f"{dtype} is not supported: use float16, bfloat16, float32 or float64, "
                "for example x.to(torch.float32)"
            )
        wide = torch.float32 if dtype in _HALVES else dtype
        arrays = [tensor.detach().to(wide).numpy() for tensor in tensors]
        params = arrays[inputs:]
        results = run(
            kernels, arrays[:inputs], params, outputs, params[len(params) - sums :], shaped
        )
        return [torch.from_numpy(array).to(dtype) for array in results]

    return run_on_tensors
