"""A torch module around an activation function: its learnable parameters, bounds and channel axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Bounded(torch.autograd.Function):
    """A parameter held within its bounds; a gradient that pushes it further out is dropped."""

    generate_vmap_rule = True

    @staticmethod
    def forward(param: Tensor, lower: float, upper: float) -> Tensor:
        return param.clamp(lower, upper)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float, float], output: Tensor) -> None:
        param, ctx.lower, ctx.upper = inputs
        ctx.save_for_backward(param)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (param,) = ctx.saved_tensors
        outwards = ((param <= ctx.lower) & (grad > 0)) | ((param >= ctx.upper) & (grad < 0))
        return grad.masked_fill(outwards, 0.0), None, None


class Layer(nn.Module):
    """The base of every activation's module.

    Subclasses give ``_params``, rows of (name, initial value, lower bound, upper bound, per
    channel), and ``_activate``.

    Args:
        channels: size of the channel axis; needed when a parameter is per channel.
        axis: the feature (channel) axis of the inputs.
        device, dtype: of the parameters, as in every torch module.
    """

    _params: Sequence[tuple[str, float, float, float, bool]] = ()

    def __init__(
        self,
        channels: int | None = None,
        axis: int = -1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.channels, self.axis = channels, axis
        for name, initial, _, _, per_channel in self._params:
            if per_channel and channels is None:
                raise ValueError(
                    f"parameter '{name}' is per channel: pass channels=, the size of the channel axis"
                )
            shape = (channels,) if per_channel and channels is not None else ()
            value = torch.full(shape, initial, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(value))

    def _activate(self, *tensors: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, *inputs: Tensor) -> Tensor:
        """The activation of its inputs, which have one shape; the output has it too."""
        params = [self._held(*row) for row in self._params]
        if self.axis in (-1, inputs[0].ndim - 1):
            return self._activate(*inputs, *params)
        moved = [tensor.movedim(self.axis, -1) for tensor in inputs]
        return self._activate(*moved, *params).movedim(-1, self.axis)

    def _held(self, name: str, _initial: float, lower: float, upper: float, _each: bool) -> Tensor:
        param: Tensor = getattr(self, name)
        if math.isinf(lower) and math.isinf(upper):
            return param
        held: Tensor = Bounded.apply(param, lower, upper)  # type: ignore[no-untyped-call]
        return held

    def extra_repr(self) -> str:
        """What ``print(module)`` shows between the parentheses."""
        shown = [f"{name}={initial}" for name, initial, *_ in self._params]
        if self.channels is not None:
            shown.append(f"channels={self.channels}")
        return ", ".join(shown if self.axis == -1 else [*shown, f"axis={self.axis}"])
