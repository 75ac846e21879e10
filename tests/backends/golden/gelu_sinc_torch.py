"""gelu_sinc: an activation function, compiled by actdsl 0.1.0 for torch.

GELU modulated by a sinc, mined by a language model. The ripple near the origin keeps
frequency information; both tails stay GELU's.

    activation gelu_sinc(x):
        return gelu(x) * (1 + 0.5 * sinc(x))

Cost per element: 44 FLOPs, 2 transcendental, 8 bytes moved in float32.
Canonical hash: a77fb903287430ec
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


def _forward(x):
    t0 = (1.0 + 0.5 * torch.sinc(x)) * (torch.special.erfc(-0.7071067811865476 * x) * x)
    return (0.5 * t0,)


def _backward(grad, x):
    t0 = -0.7071067811865476 * x
    t1 = torch.special.erfc(t0)
    t2 = x * x
    t3 = -9.766223126318928e-05 + t2 * (4.049947846619241e-06 + -1.3148481279991983e-07 * t2)
    t4 = 0.20918278254123832 + t2 * (-0.023460810354558225 + t2 * (0.001781145516372851 + t2 * t3))
    t5 = -3.289868133696453 + t2 * (3.246969701133414 + t2 * (-1.144510944732505 + t2 * t4))
    t6 = torch.sinc(x)
    t7 = torch.sin(torch.pi * (torch.abs(torch.remainder(x, 2.0) - 1.0) - 0.5)) - t6
    t8 = 0.5 * (t1 * x * torch.where((torch.abs(x) < 0.25), x * t5, t7 / x)) + (1.0 + 0.5 * t6) * (0.7978845608028654 * (x * torch.exp(-t0 * t0)) + t1)
    return (0.5 * (grad * t8),)


def _second(grad_grad_x, grad, x):
    t0 = -0.7071067811865476 * x
    t1 = torch.special.erfc(t0)
    t2 = t1 * x
    t3 = (torch.abs(x) < 0.25)
    t4 = x * x
    t5 = 4.049947846619241e-06 + -1.3148481279991983e-07 * t4
    t6 = -9.766223126318928e-05 + t4 * t5
    t7 = 0.001781145516372851 + t4 * t6
    t8 = -0.023460810354558225 + t4 * t7
    t9 = 0.20918278254123832 + t4 * t8
    t10 = -1.144510944732505 + t4 * t9
    t11 = 3.246969701133414 + t4 * t10
    t12 = -3.289868133696453 + t4 * t11
    t13 = torch.sinc(x)
    t14 = torch.sin(torch.pi * (torch.abs(torch.remainder(x, 2.0) - 1.0) - 0.5)) - t13
    t15 = 1.0 / x
    t16 = t14 * t15
    t17 = torch.where(t3, x * t12, t16)
    t18 = 1.0 + 0.5 * t13
    t19 = torch.exp(-t0 * t0)
    t20 = 0.7978845608028654 * (x * t19) + t1
    t21 = x + x
    t22 = t7 * t21 + t4 * (t6 * t21 + t4 * (t5 * t21 + t4 * (-1.3148481279991983e-07 * t21)))
    t23 = t11 * t21 + t4 * (t10 * t21 + t4 * (t9 * t21 + t4 * (t8 * t21 + t4 * t22)))
    t24 = torch.where(t3, t12 + x * t23, t15 * (-9.869604401089358 * (x * t13) - t17) + -t16 * t15)
    t25 = 0.7978845608028654 * (t19 + -1.0000000000000002 * (x * (t19 * x))) + 0.7978845608028654 * t19
    t26 = grad_grad_x * (grad * (0.5 * (t17 * t20 + t2 * t24) + (0.5 * (t20 * t17) + t18 * t25)))
    return (0.5 * (grad_grad_x * (0.5 * (t2 * t17) + t18 * t20)), 0.5 * t26)


_places = places(inputs=1, params=0)
_activation = differentiable(
    step(_forward, _places[0], 1),
    step(_backward, _places[1], 1),
    step(_second, _places[2], 2),
    inputs=1,
)


def gelu_sinc(x):
    """gelu_sinc of tensors of one shape, differentiable twice in torch."""
    return _activation(x)


class GeluSinc(Layer):
    """gelu_sinc as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return gelu_sinc(*tensors)
