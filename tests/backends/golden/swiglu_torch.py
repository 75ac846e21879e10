"""swiglu: an activation function, compiled by actdsl 0.1.0 for torch.

A gated unit (Shazeer, 2020): one half of a layer's output, gated by the swish of the other.

    activation swiglu(x, gate):
        return x * silu(gate)

Cost per element: 17 FLOPs, 1 transcendental, 12 bytes moved in float32.
Canonical hash: f15ada3d2deea64c
"""

from __future__ import annotations

import math
import torch
from collections.abc import Callable, Sequence
from torch import Tensor, nn
from typing import Any


Step = Callable[[Sequence[Tensor]], Sequence[Tensor]]


def differentiable(
    forward: Step, backward: Step, second: Step, inputs: int
) -> Callable[..., Tensor]:
    """A function of ``inputs`` tensors of one shape, then of parameters, differentiable twice.

    Steps take and give lists of tensors. ``forward``: inputs and parameters to the output.
    ``backward``: the cotangent and the same, to a gradient for each. ``second``: the cotangents of
    the inputs' gradients, the cotangent, the inputs, the cotangents of the parameters' gradients,
    the parameters, to a gradient for each of ``backward``'s. Works under ``torch.func`` and, once,
    under ``torch.compile``.
    """
    gradient = gradient_function(backward, second, inputs)

    class Forward(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*tensors: Tensor) -> Tensor:
            return forward(tensors)[0]

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
            # torch.compile differentiates once, and cannot trace one Function inside another.
            step = gradient.forward if torch.compiler.is_compiling() else gradient.apply
            gradients: tuple[Tensor, ...] = step(grad, *ctx.saved_tensors)
            return gradients

    apply: Callable[..., Tensor] = Forward.apply
    return apply


def gradient_function(backward: Step, second: Step, inputs: int) -> type[torch.autograd.Function]:
    """The gradient as a function of the cotangent and the tensors, itself differentiable."""

    class Backward(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*tensors: Tensor) -> tuple[Tensor, ...]:
            return tuple(backward(tensors))

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, *flows: Tensor) -> tuple[Tensor, ...]:
            grad, *tensors = ctx.saved_tensors
            arrays, params = tensors[:inputs], tensors[inputs:]
            return tuple(second([*flows[:inputs], grad, *arrays, *flows[inputs:], *params]))

    return Backward


def as_parameter(value: Tensor | float, like: Tensor, each: bool = False) -> Tensor:
    """A parameter in the type and on the device of the input; ``each``: one per channel."""
    if isinstance(value, Tensor):
        tensor = value.to(dtype=like.dtype, device=like.device)
    else:  # filled on the device, not copied to it
        tensor = torch.full((), value, dtype=like.dtype, device=like.device)
    return tensor.expand(like.shape[-1:]) if each else tensor


def places(inputs: int, params: int) -> tuple[list[int], list[int], list[int]]:
    """For each step, which of its tensors its results are shaped like."""
    both = inputs + params
    twice = [*range(inputs, 2 * inputs + 1), *range(2 * inputs + 1 + params, 2 * both + 1)]
    return [0], [*range(1, both + 1)], twice


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


def _forward(x, gate):
    return (x * (gate * torch.sigmoid(gate)),)


def _backward(grad, x, gate):
    t0 = torch.sigmoid(gate)
    return (gate * t0 * grad, x * (t0 + gate * (torch.sigmoid(gate) * torch.sigmoid(-gate))) * grad)


def _second(grad_grad_x, grad_grad_gate, grad, x, gate):
    t0 = torch.sigmoid(gate)
    t1 = (torch.sigmoid(gate) * torch.sigmoid(-gate))
    t2 = t0 + gate * t1
    t3 = grad * t2
    t4 = grad * (x * (t1 + (t1 + gate * -(torch.tanh(0.5 * gate) * t1)))) * grad_grad_gate
    return (gate * t0 * grad_grad_x + x * t2 * grad_grad_gate, t3 * grad_grad_gate, t3 * grad_grad_x + t4)


_places = places(inputs=2, params=0)
_activation = differentiable(
    step(_forward, _places[0], 1),
    step(_backward, _places[1], 2),
    step(_second, _places[2], 3),
    inputs=2,
)


def swiglu(x, gate):
    """swiglu of tensors of one shape, differentiable twice in torch."""
    return _activation(x, gate)


class Swiglu(Layer):
    """swiglu as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return swiglu(*tensors)
