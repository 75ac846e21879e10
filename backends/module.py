"""Activations as torch modules that pick the backend by the tensor's device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.compile import function, target_for
from actdsl.backends.native.tensors import plain
from actdsl.backends.runtime.layer import Layer
from actdsl.errors import ActdslError
from actdsl.program import Program

_MODULE_TARGETS = ("native", "torch", "numba", "cuda")


class ActivationModule(Layer):
    """A drop-in for ``nn.GELU()`` and its like.

    Works under autograd, double backward, ``torch.compile(fullgraph=True)`` and ``torch.func``; can
    be pickled and deep-copied. Parameters are in ``state_dict`` under their own names and stay
    within their bounds.
    """

    def __init__(
        self,
        program: Program,
        backend: str | None = None,
        channels: int | None = None,
        axis: int = -1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        fast: bool = False,
    ) -> None:
        """See :meth:`actdsl.Activation.module`."""
        if backend is not None and backend not in _MODULE_TARGETS:
            raise ActdslError(
                f"a torch module has no backend '{backend}': use one of {', '.join(_MODULE_TARGETS)}"
            )
        self._params = tuple(
            (spec.name, spec.initial, *spec.bounds, spec.per_channel) for spec in program.params
        )
        super().__init__(channels, axis, device, dtype)
        self.program, self.backend, self.fast = program, backend, fast
        self._functions = self._compiled()

    def _compiled(self) -> dict[str, Callable[..., Tensor]]:
        """A function per type of device; made ahead of use, where torch.compile cannot trace it."""
        devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
        return {device: self._function(device) for device in devices}

    def _function(self, device: str) -> Callable[..., Tensor]:
        made = function(self.program, self.backend or target_for(device), self.fast)
        prepare: Callable[[], Callable[..., Tensor]] | None = getattr(made, "on_tensors", None)
        return prepare() if prepare else made

    def forward(self, *inputs: Tensor) -> Tensor:
        """The activation of its inputs, which have one shape; the output has it too."""
        if self._params or self.axis != -1 or not inputs[0].is_cpu:
            return super().forward(*inputs)
        return self._functions["cpu"](*inputs)

    def _activate(self, *tensors: Tensor) -> Tensor:
        device = tensors[0].device.type
        if device not in self._functions:
            self._functions[device] = self._function(device)
        return self._functions[device](*tensors)

    def _held(self, name: str, initial: float, lower: float, upper: float, each: bool) -> Tensor:
        param: Tensor = getattr(self, name)
        if not torch.compiler.is_compiling() and param.numel() and plain([param]):
            # Between its bounds a parameter is itself, and a look takes less time than autograd.
            ends = torch.aminmax(param.detach()) if param.ndim else [param]
            if all(lower < end.item() < upper for end in ends):
                return param
        return super()._held(name, initial, lower, upper, each)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "_functions"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._functions = self._compiled()

    def extra_repr(self) -> str:
        """What ``print(module)`` shows between the parentheses."""
        return ", ".join(part for part in (self.program.name, super().extra_repr()) if part)
