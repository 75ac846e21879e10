"""Kernels as steps from a list of torch tensors to a list of torch tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from actdsl.backends.native.code import converts_halves
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.launch import Launcher
from actdsl.backends.native.layout import Views
from actdsl.backends.native.sweep import Doubles
from actdsl.backends.schedule import Kernel

_NAMES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
}


class Steps:
    """The kernels of a program as steps.

    Attributes:
        forward: inputs and parameters to the output.
        joint: the same to the output, and what ``pullback`` takes beside the cotangent and these.
        pullback: the cotangent, slopes, inputs, parameters and statistics to gradients.
        backward: the cotangent, inputs and parameters to the gradients of the latter two.
        second: to the gradients of ``backward``; see `differentiable` for the order of its tensors.
    """

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        self.forward = KernelStep(kernels, "forward")
        self.joint = KernelStep(kernels, "joint")
        self.pullback = KernelStep(kernels, "pullback")
        self.backward = KernelStep(kernels, "backward")
        self.second = KernelStep(kernels, "second")


class KernelStep:
    """A kernel as a step.

    It takes tensors of one type: inputs of one shape, then parameters, and then what the kernel
    knows, in float64. It gives the kernel's outputs, shaped like the inputs, its sums, shaped like
    the last parameters, and what it finds.
    """

    def __init__(self, kernels: Kernels, name: str) -> None:
        self._kernels, self.name = kernels, name
        # The types of earlier calls, which need no more questions.
        self._launchers: dict[torch.dtype, Launcher] = {}

    @property
    def kernel(self) -> Kernel:
        """What it computes."""
        return self._kernels.kernel(self.name)

    def __call__(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Run it into new tensors."""
        x = tensors[0]
        launcher = self._launchers.get(x.dtype)
        if launcher is None:
            if x.dtype == torch.float16 and not converts_halves():
                wide = [_cast(tensor, torch.float16, torch.float32) for tensor in tensors]
                return [_cast(result, torch.float32, torch.float16) for result in self(wide)]
            launcher = self._launchers[x.dtype] = self._launcher(x.dtype)
        outputs = [torch.empty_like(x) for _ in range(launcher.outputs)]
        results = self._run(launcher, tensors, outputs)
        return [*outputs, *_tensors(results, launcher, tensors)] if results else outputs

    def write(self, tensors: Sequence[Tensor], out: Tensor) -> None:
        """Run a kernel of one output into a tensor, one of the inputs or apart from all of them."""
        self._run(self._launcher(out.dtype), tensors, [out])

    def _launcher(self, dtype: torch.dtype) -> Launcher:
        if dtype not in _NAMES:
            raise TypeError(
                f"{dtype} is not supported: use float16, bfloat16, float32 or float64, "
                "for example x.to(torch.float32)"
            )
        return self._kernels.launcher(self.name, _NAMES[dtype])

    def _run(
        self, launcher: Launcher, tensors: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> Sequence[Doubles]:
        x, cut = tensors[0], launcher.inputs
        for tensor in tensors[1:cut]:
            if tensor.shape != x.shape:
                shapes = ", ".join(str(tuple(t.shape)) for t in tensors[:cut])
                raise ValueError(f"shapes differ: {shapes}")
            if tensor.dtype != x.dtype:
                raise TypeError(f"types differ: {x.dtype} and {tensor.dtype}")
        if (size := x.numel()) < launcher.alone:
            for tensor in (*tensors, outputs[0]):
                if not tensor.is_contiguous():
                    break
            else:
                pointers = (*map(Tensor.data_ptr, tensors), *map(Tensor.data_ptr, outputs))
                return launcher.at_once(x.shape, size, pointers)
        others = [tensor.contiguous() for tensor in tensors[cut:]]
        threads = torch.get_num_threads()
        return launcher.fill(_VIEWS, x.shape, tensors[:cut], others, outputs, threads)


def _tensors(
    results: Sequence[Doubles], launcher: Launcher, tensors: Sequence[Tensor]
) -> list[Tensor]:
    """A kernel's sums, each like its parameter, and what it finds."""
    summed = tensors[launcher.summed]
    sums = [
        torch.from_numpy(array.reshape(like.shape)).to(like.dtype)
        for array, like in zip(results, summed, strict=False)
    ]
    return [*sums, *map(torch.from_numpy, results[len(sums) :])]


def _cast(tensor: Tensor, narrow: torch.dtype, wide: torch.dtype) -> Tensor:
    return tensor.to(wide) if tensor.dtype == narrow else tensor


_VIEWS = Views(Tensor.data_ptr, Tensor.stride, Tensor.contiguous, Tensor.copy_)
