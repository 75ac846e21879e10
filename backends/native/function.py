"""An activation as a function of NumPy arrays or torch tensors, compiled in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from actdsl.backends.native import arrays
from actdsl.backends.native.kernels import Kernels
from actdsl.program import Program

if TYPE_CHECKING:
    from torch import Tensor


def function(program: Program, fast: bool = False) -> Callable[..., Any]:
    """A function of inputs and then parameters, which default to their initial values.

    ``fast`` has float32 computed in float32 even where that costs accuracy.

    It takes arrays of float32 or float64, or CPU tensors of those and the half types, and
    differentiates twice in torch. Contiguous ones, and ones cut row by row out of larger ones, are
    read in place. ``out=`` takes the result, which may be an input itself; in torch only where
    nothing requires a gradient.
    """
    kernels = Kernels(program, fast)
    count = len(program.inputs)
    names = tuple(spec.name for spec in program.params)
    initial = tuple(spec.initial for spec in program.params)
    whole = count + len(names)

    on_tensors: Callable[..., Tensor] | None = None

    def prepare() -> Callable[..., Tensor]:
        nonlocal on_tensors
        if on_tensors is not None:
            return on_tensors
        from actdsl.backends.native.tensors import tensor_function

        on_tensors = tensor_function(kernels)
        return on_tensors

    def activation(*operands: Any, out: Any = None, **named: Any) -> Any:
        if len(operands) < whole or named:
            given = dict(zip(names, operands[count:], strict=False)) | named
            params = (given.get(n, v) for n, v in zip(names, initial, strict=True))
            operands = (*operands[:count], *params)
        if isinstance(operands[0], np.ndarray):
            return arrays.forward(kernels, operands[:count], operands[count:], out)
        return (on_tensors or prepare())(*operands, out=out)

    def gradient(flow: Any, *operands: Any) -> Sequence[Any]:
        """Gradients of sum(flow * output) of arrays: of each input, then of each parameter."""
        params = (*operands[count:], *initial[len(operands) - count :])
        return arrays.gradient(kernels, flow, operands[:count], params)

    if "torch" in sys.modules:
        prepare()  # before torch.compile comes, which cannot trace this
    activation.__name__ = activation.__qualname__ = program.name
    activation.gradient = gradient  # type: ignore[attr-defined]
    activation.on_tensors = prepare  # type: ignore[attr-defined]
    return activation
