"""Kernels on torch tensors of the CPU: differentiable twice, and quick to call.

A plain call goes straight to the kernels. Under torch.compile, torch.func and dispatch modes the
same kernels are reached through a custom operator, which those can see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.native import operator
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.steps import KernelStep, Steps
from actdsl.backends.runtime.autograd import as_parameter, differentiable, gradient_function
from actdsl.ir import Param

_PLAIN = (Tensor, torch.nn.Parameter)
_wrapped = torch._C._functorch.is_functorch_wrapped_tensor
_interpreter = torch._C._functorch.peek_interpreter_stack
_modes = torch._C._len_torch_dispatch_stack


def tensor_function(kernels: Kernels) -> Callable[..., Tensor]:
    """The activation as a function of tensors and then parameters, tensors or numbers."""
    specs, inputs = kernels.program.params, len(kernels.program.inputs)
    steps = Steps(kernels)
    seen = operator.registered(kernels.key, steps)
    general = differentiable(*seen, inputs=inputs)
    direct = _direct(steps, gradient_function(*seen[1:], inputs=inputs).apply)
    forward = steps.forward

    def activation(*tensors: Any, out: Tensor | None = None) -> Tensor:
        if len(tensors) != inputs + len(specs):
            raise TypeError(f"it takes {inputs + len(specs)} operands, not {len(tensors)}")
        if specs:
            held = zip(specs, tensors[inputs:], strict=True)
            params = [_parameter(value, tensors[0], spec) for spec, value in held]
            tensors = (*tensors[:inputs], *params)
        if out is not None:
            return _written(forward, general, tensors, inputs, out)
        if torch.compiler.is_compiling() or not plain(tensors):
            return general(*tensors)
        if torch.is_grad_enabled():
            for tensor in tensors:
                if tensor.requires_grad:
                    return direct(*tensors)
        return forward(tensors)[0]

    return activation


def _direct(steps: Steps, gradient: Callable[..., Any]) -> Callable[..., Tensor]:
    """The activation for plain tensors; slopes and statistics are saved where that is worth it."""
    kernels = steps.kernels
    inputs, saves = len(kernels.program.inputs), kernels.saves
    operands = inputs + len(kernels.program.params)
    recorded = steps.joint if saves else steps.forward

    class Direct(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Tensor) -> Tensor:
            output, *kept = recorded(tensors)
            ctx.save_for_backward(*tensors, *kept)
            return output

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            saved = ctx.saved_tensors
            tensors, kept = saved[:operands], saved[operands:]
            if torch.is_grad_enabled():  # somebody wants the second derivative
                return gradient(grad, *tensors)
            if not saves:
                return tuple(steps.backward([grad, *tensors]))
            slopes, statistics = kept[: kernels.slopes], kept[kernels.slopes :]
            read = [tensors[k] for k in kernels.reread]
            return tuple(steps.pullback([grad, *slopes, *read, *tensors[inputs:], *statistics]))

    # What `Function.apply` comes to where no transform of torch.func is active.
    apply: Callable[..., Tensor] = super(torch.autograd.Function, Direct).apply
    return apply


def _written(
    forward: KernelStep,
    general: Callable[..., Tensor],
    tensors: Sequence[Tensor],
    inputs: int,
    out: Tensor,
) -> Tensor:
    """The output in a tensor that is there already, perhaps an input."""
    if torch.is_grad_enabled() and any(t.requires_grad for t in (*tensors, out)):
        raise ValueError("out= cannot be differentiated: use it under torch.no_grad()")
    x = tensors[0]
    if (out.shape, out.dtype, out.device) != (x.shape, x.dtype, x.device):
        raise ValueError(
            f"out= is {tuple(out.shape)} of {out.dtype}: it must be {tuple(x.shape)} of {x.dtype}"
        )
    if torch.compiler.is_compiling() or not plain((*tensors, out)):
        return out.copy_(general(*tensors))
    storages = {t.untyped_storage().data_ptr() for t in tensors[:inputs]}
    apart = out.untyped_storage().data_ptr() not in storages
    if apart or all(t.is_set_to(out) for t in tensors[:inputs]):
        forward.write(tensors, out)
        return out
    return out.copy_(forward(tensors)[0])


def _parameter(value: Tensor | float, like: Tensor, spec: Param) -> Tensor:
    """A parameter in the type of the input, one number or one per feature."""
    if (
        isinstance(value, Tensor)
        and value.dtype == like.dtype
        and value.device == like.device
        and value.dim() == spec.per_channel
    ):
        return value
    return as_parameter(value, like, spec.per_channel)


def plain(tensors: Sequence[Tensor]) -> bool:
    """Whether tensors are numbers in this machine's memory, and nobody looks on between.

    Not so: subclasses, other devices, views that stand for the negative of what is in memory, tensors
    under a transform of ``torch.func``, and whatever happens under a dispatch mode.
    """
    for tensor in tensors:
        if type(tensor) not in _PLAIN or not tensor.is_cpu or tensor.is_neg() or _wrapped(tensor):
            return False
    return _interpreter() is None and not _modes()
