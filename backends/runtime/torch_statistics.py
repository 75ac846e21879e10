"""Statistics of whole torch tensors, over ``all`` elements, the ``batch`` or the ``feature`` axis."""

from __future__ import annotations

import torch
from torch import Tensor


def axes(tensor: Tensor, axis: str) -> tuple[int, ...]:
    """The dimensions that an axis of the language stands for; a vector is a batch of one."""
    if axis == "all":
        return tuple(range(tensor.ndim))
    if axis == "batch":
        return (0,) if tensor.ndim > 1 else ()
    return (-1,) if tensor.ndim else ()


def mean(tensor: Tensor, axis: str) -> Tensor:
    """Mean, in a shape that broadcasts against the tensor's."""
    dims = axes(tensor, axis)
    return tensor.mean(dim=dims, keepdim=True) if dims else tensor


def amin(tensor: Tensor, axis: str) -> Tensor:
    """Least value, in a shape that broadcasts against the tensor's."""
    dims = axes(tensor, axis)
    return tensor.amin(dim=dims, keepdim=True) if dims else tensor


def amax(tensor: Tensor, axis: str) -> Tensor:
    """Greatest value, in a shape that broadcasts against the tensor's."""
    dims = axes(tensor, axis)
    return tensor.amax(dim=dims, keepdim=True) if dims else tensor


def shift(tensor: Tensor, places: int) -> Tensor:
    """The tensor moved up its last axis, zeros coming in."""
    width = tensor.shape[-1]
    if abs(places) >= width:
        return torch.zeros_like(tensor)
    kept = tensor[..., max(-places, 0) : width - max(places, 0)]
    return torch.nn.functional.pad(kept, (max(places, 0), max(-places, 0)))
