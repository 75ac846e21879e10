"""Kernels as torch custom operators: opaque to torch.compile, usable under vmap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.runtime.autograd import Step


def operator(name: str, device: str, run: Step, places: Sequence[int]) -> Step:
    """Register a kernel as the operator ``actdsl::name`` for a type of device.

    It takes and gives a list of tensors; result k is shaped and typed like tensor ``places[k]``,
    which is all that its fake kernel says. Under vmap it runs once per sample.
    """
    registered = torch.library.custom_op(
        f"actdsl::{name}",
        run,
        mutates_args=(),
        device_types=device,
        schema="(Tensor[] tensors) -> Tensor[]",
    )

    @registered.register_fake
    def fake(tensors: Sequence[Tensor]) -> list[Tensor]:
        return [tensors[k].new_empty(tensors[k].shape) for k in places]

    @registered.register_vmap
    def vmap(
        info: Any, in_dims: tuple[Sequence[int | None]], tensors: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[int]]:
        return by_sample(registered, batched(info.batch_size, in_dims[0], tensors))

    overload = getattr(torch.ops.actdsl, name).default  # which torch.compile can trace
    return lambda tensors: overload(list(tensors))


def batched(size: int, dims: Sequence[int | None], tensors: Sequence[Tensor]) -> list[Tensor]:
    """Tensors with vmap's dimension first; those that have none, the same for every sample."""
    return [
        tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
        for tensor, dim in zip(tensors, dims, strict=True)
    ]


def by_sample(
    call: Callable[[list[Tensor]], list[Tensor]], tensors: Sequence[Tensor]
) -> tuple[list[Tensor], list[int]]:
    """What an operator gives for each sample, joined, and vmap's dimension in each result."""
    samples = [call(list(sample)) for sample in zip(*tensors, strict=True)]
    stacked = [torch.stack(results) for results in zip(*samples, strict=True)]
    return stacked, [0] * len(stacked)
