"""Kernels as steps from a list of torch tensors to a list of torch tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from actdsl.backends.native.code import converts_halves
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.launch import Launcher
from actdsl.backends.native.layout import Views

_NAMES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
}


class Steps:
    """The kernels of a program as steps.

    Each takes tensors of one type: inputs of one shape, then parameters, and then what the kernel
    knows, in float64. It gives the kernel's outputs, shaped like the inputs, its sums, shaped like
    the last parameters, and what it finds.
    """

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        # The common case, a small tensor through a plain function, has a way without questions.
        self._quick: dict[tuple[str, torch.dtype], Launcher] = {}

    def forward(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The output."""
        return self._run("forward", tensors)

    def joint(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The output, and then what ``pullback`` takes beside the cotangent and the operands."""
        return self._run("joint", tensors)

    def pullback(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """From the cotangent, slopes, inputs, parameters and statistics to gradients."""
        return self._run("pullback", tensors)

    def backward(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """From the cotangent, the inputs and the parameters to the gradients of the latter two."""
        return self._run("backward", tensors)

    def second(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The gradients of ``backward``; see `differentiable` for the order of its tensors."""
        return self._run("second", tensors)

    def write(self, tensors: Sequence[Tensor], out: Tensor) -> None:
        """The output, into a tensor that lies like the first input or apart from all inputs."""
        self._fill(self._launcher("forward", tensors[0].dtype), tensors, [out])

    def _launcher(self, name: str, dtype: torch.dtype) -> Launcher:
        if dtype not in _NAMES:
            raise TypeError(
                f"{dtype} is not supported: use float16, bfloat16, float32 or float64, "
                "for example x.to(torch.float32)"
            )
        return self.kernels.launcher(name, _NAMES[dtype])

    def _run(self, name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
        x = tensors[0]
        launcher = self._quick.get((name, x.dtype))
        if launcher is not None and (size := x.numel()) < launcher.alone:
            shape = x.shape
            for tensor in tensors:
                if not tensor.is_contiguous() or tensor.shape != shape:
                    break
            else:
                results = [torch.empty_like(x) for _ in range(launcher.outputs)]
                pointers = [tensor.data_ptr() for tensor in (*tensors, *results)]
                launcher.call(1, size, *launcher.flat, *pointers)
                return results
        if x.dtype == torch.float16 and not converts_halves():
            wide = [_cast(tensor, torch.float16, torch.float32) for tensor in tensors]
            return [_cast(r, torch.float32, torch.float16) for r in self._run(name, wide)]
        launcher = self._launcher(name, x.dtype)
        if launcher.plain:
            self._quick[name, x.dtype] = launcher
        outputs = [torch.empty_like(x) for _ in range(launcher.outputs)]
        return [*outputs, *self._fill(launcher, tensors, outputs)]

    def _fill(
        self, launcher: Launcher, tensors: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> list[Tensor]:
        """Run a kernel into outputs; its sums, and what it finds."""
        kernel = launcher.kernel
        cut = launcher.inputs + len(kernel.params)
        inputs, others = tensors[: launcher.inputs], tensors[launcher.inputs :]
        shape = inputs[0].shape
        if any(tensor.shape != shape for tensor in inputs):
            raise ValueError(f"shapes differ: {', '.join(str(tuple(t.shape)) for t in inputs)}")
        summed = tensors[cut - len(kernel.sums) : cut]
        if not shape.numel():
            return [*map(torch.zeros_like, summed), *(torch.empty(0) for _ in kernel.found)]
        others = [tensor.contiguous() for tensor in others]
        results = launcher.fill(_VIEWS, shape, inputs, others, outputs, torch.get_num_threads())
        found = [torch.from_numpy(array) for array in results]
        sums = zip(found, summed, strict=False)
        return [*(s.reshape(p.shape).to(p.dtype) for s, p in sums), *found[len(summed) :]]


def _cast(tensor: Tensor, narrow: torch.dtype, wide: torch.dtype) -> Tensor:
    return tensor.to(wide) if tensor.dtype == narrow else tensor


_VIEWS = Views(Tensor.data_ptr, Tensor.stride, Tensor.contiguous, Tensor.copy_)
