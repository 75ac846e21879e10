"""turbulent: an activation function, compiled by actdsl 0.1.0 for torch.

Batch statistics in the activation, mined by a language model. It won the micro-lab and
failed in the field: what it learns is the batch. The base is not public; sign(x) *
log1p(0.5 * abs(x)) stands in for it.

    activation turbulent(x):
        let base = sign(x) * log1p(0.5 * abs(x))
        let z = (x - mean(x)) / (std(x) + 1e-6)
        return base + 0.2 * exp(-z**2 / 2) * sin(2 * x)

Cost per element: 60 FLOPs, 3 transcendental, 16 bytes moved in float32.
Canonical hash: b05b119024641281
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


def _forward(x):
    t0 = x - mean(x, 'all')
    t1 = mean(t0 * t0, 'all')
    t2 = t0 * (1.0 / (1e-06 + torch.where((t1 > 0.0), torch.sqrt(t1), t1)))
    t3 = torch.where(x != x, x, torch.sign(x)) * torch.log1p(0.5 * torch.abs(x)) + 0.2 * (torch.sin(2.0 * x) * torch.exp(-0.5 * (t2 * t2)))
    return (t3,)


def _backward(grad, x):
    t0 = torch.where(x != x, x, torch.sign(x))
    t1 = x - mean(x, 'all')
    t2 = mean(t1 * t1, 'all')
    t3 = (t2 > 0.0)
    t4 = torch.sqrt(t2)
    t5 = 1.0 / (1e-06 + torch.where(t3, t4, t2))
    t6 = t1 * t5
    t7 = torch.exp(-0.5 * (t6 * t6))
    t8 = 2.0 * x
    t9 = torch.sin(t8)
    t10 = t6 * t5
    t11 = 0.5 * (t0 * (1.0 / (1.0 + 0.5 * torch.abs(x)) * t0)) + 0.2 * (2.0 * (t7 * torch.cos(t8)) + -0.5 * (t9 * (t7 * (t10 + t10))))
    t12 = t6 * (-t6 * t5 * torch.where(t3, 0.5 * (1.0 / t4), constant(1.0, grad)))
    t13 = t11 * grad + (t1 + t1) * mean(-0.1 * (grad * (t9 * (t7 * (t12 + t12)))), 'all')
    t14 = t6 * -t5
    return (t13 + mean(-0.1 * (grad * (t9 * (t7 * (t14 + t14)))), 'all'),)


def _second(grad_grad_x, grad, x):
    t0 = torch.where(x != x, x, torch.sign(x))
    t1 = 1.0 / (1.0 + 0.5 * torch.abs(x))
    t2 = x - mean(x, 'all')
    t3 = mean(t2 * t2, 'all')
    t4 = (t3 > 0.0)
    t5 = torch.sqrt(t3)
    t6 = 1.0 / (1e-06 + torch.where(t4, t5, t3))
    t7 = t2 * t6
    t8 = torch.exp(-0.5 * (t7 * t7))
    t9 = 2.0 * x
    t10 = torch.cos(t9)
    t11 = torch.sin(t9)
    t12 = t7 * t6
    t13 = t12 + t12
    t14 = t8 * t13
    t15 = (0.5 * (t0 * (t1 * t0)) + 0.2 * (2.0 * (t8 * t10) + -0.5 * (t11 * t14))) * grad_grad_x
    t16 = mean(grad_grad_x, 'all')
    t17 = t7 * -t6
    t18 = t17 + t17
    t19 = t8 * t18
    t20 = t2 + t2
    t21 = mean(t20 * grad_grad_x, 'all')
    t22 = -t7 * t6
    t23 = 1.0 / t5
    t24 = 0.5 * t23
    t25 = torch.where(t4, t24, constant(1.0, grad_grad_x))
    t26 = t22 * t25
    t27 = t7 * t26
    t28 = t27 + t27
    t29 = t8 * t28
    t30 = t11 * t29
    t31 = t6 * t6
    t32 = t8 * (t31 + t31)
    t33 = 2.0 * (-0.5 * (t10 * t14) + 2.0 * (t8 * -t11)) + -0.5 * (2.0 * (t14 * t10) + t11 * (-0.5 * (t13 * t14) + t32))
    t34 = 2.0 * mean(-0.1 * (grad * t30), 'all')
    t35 = (grad * (0.25 * (t0 * (t0 * (-t1 * t1 * t0))) + 0.2 * t33) + t34) * grad_grad_x
    t36 = -t6 * t6
    t37 = grad * (2.0 * (t19 * t10) + t11 * (-0.5 * (t18 * t14) + t8 * (t36 + t36)))
    t38 = t6 * -t6
    t39 = t26 * t6 + t7 * (t25 * t38)
    t40 = grad * (2.0 * (t29 * t10) + t11 * (-0.5 * (t28 * t14) + t8 * (t39 + t39)))
    t41 = t36 * t25
    t42 = t6 * t26 + t7 * t41
    t43 = grad * (-0.5 * (t11 * (-0.5 * (t13 * t29) + t8 * (t42 + t42))) - t10 * t29)
    t44 = -t6 * t26 + t7 * -t41
    t45 = 0.2 * (grad_grad_x * t43) + -0.1 * (t16 * (grad * (t11 * (-0.5 * (t18 * t29) + t8 * (t44 + t44)))))
    t46 = t25 * (t6 * -t26 + -t22 * t6 * t25) + t22 * torch.where(t4, -t24 * t23 * t24, constant(0.0, grad_grad_x))
    t47 = t26 * t26 + t7 * t46
    t48 = t45 + -0.1 * (t21 * (grad * (t11 * (-0.5 * (t28 * t29) + t8 * (t47 + t47)))))
    t49 = t35 + (-0.1 * t37 + -t34) * t16 + -0.1 * (t21 * t40) + t20 * mean(t48, 'all')
    t50 = grad * (-0.5 * (t11 * (-0.5 * (t13 * t19) + t8 * (t38 + t38))) - t10 * t19)
    t51 = t26 * -t6 + t7 * (t25 * t31)
    t52 = (0.2 * t50 + -t34) * grad_grad_x + -0.1 * (t21 * (grad * (t11 * (-0.5 * (t28 * t19) + t8 * (t51 + t51)))))
    t53 = t16 * mean(-0.1 * (grad * (t11 * (-0.5 * (t18 * t19) + t32))) + t34, 'all')
    return (t15 + -0.1 * (t16 * (t11 * t19)) + -0.1 * (t21 * t30), t49 + (mean(t52, 'all') + t53))


_places = places(inputs=1, params=0)
_activation = differentiable(
    step(_forward, _places[0], 1),
    step(_backward, _places[1], 1),
    step(_second, _places[2], 2),
    inputs=1,
)


def turbulent(x):
    """turbulent of tensors of one shape, differentiable twice in torch."""
    return _activation(x)


class Turbulent(Layer):
    """turbulent as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return turbulent(*tensors)
