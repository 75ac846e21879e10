"""Whole-tensor formulas as the steps of a differentiable torch function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Formula = Callable[..., "tuple[Tensor | float, ...]"]


def working(tensor: Tensor) -> Tensor:
    """The tensor in the type that it is computed in: float32 for halves, float64 for CPU's float32.

    On a CPU float64 costs little beside memory traffic, and one rounding at the end makes the
    result as exact as float32 can be; on a GPU it may cost 64 times as much.
    """
    if tensor.dtype in (torch.float16, torch.bfloat16):
        return tensor.to(torch.float32)
    if tensor.dtype == torch.float32 and tensor.device.type == "cpu":
        return tensor.to(torch.float64)
    if tensor.dtype in (torch.float32, torch.float64):
        return tensor
    raise TypeError(
        f"{tensor.dtype} is not supported: use float16, bfloat16, float32 or float64, "
        "for example x.to(torch.float32)"
    )


def constant(value: float, like: Tensor) -> Tensor:
    """A number as a tensor of the working type."""
    return torch.full((), value, dtype=like.dtype, device=like.device)


def step(formula: Formula, places: Sequence[int], elementwise: int) -> Callable[..., list[Tensor]]:
    """A formula of working tensors as a step: a list of tensors to a list of tensors.

    Result k is shaped and typed like tensor ``places[k]``; the first ``elementwise`` are the
    formula's values, the others are summed over the elements that share a parameter.
    """

    def run(tensors: Sequence[Tensor]) -> list[Tensor]:
        like = [tensors[k] for k in places]
        shape = like[0].shape
        if like[0].numel() == 0:
            return [torch.zeros_like(tensor) for tensor in like]
        values = formula(*(working(_aligned(tensor, len(shape))) for tensor in tensors))
        spread = [v if isinstance(v, Tensor) else constant(v, working(like[0])) for v in values]
        full = [v if v.shape == shape else v.expand(shape).clone() for v in spread]
        results = [
            (v if k < elementwise else _summed(v, target)).to(target.dtype)
            for k, (v, target) in enumerate(zip(full, like, strict=True))
        ]
        # A step of an autograd function may not give what it was given: the identity copies.
        return [r.clone() if any(r is t for t in tensors) else r for r in results]

    return run


def _aligned(tensor: Tensor, rank: int) -> Tensor:
    """A parameter per channel with the rank of the input, so that statistics see its last axis."""
    if tensor.ndim == 1 and rank > 1:
        return tensor.reshape((1,) * (rank - 1) + (-1,))
    return tensor


def _summed(value: Tensor, param: Tensor) -> Tensor:
    if param.ndim == 0:
        return value.sum()
    return value.reshape(-1, value.shape[-1]).sum(0)
