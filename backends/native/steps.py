"""Kernels as steps from a list of torch tensors to a list of torch tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from actdsl.backends.native.code import converts_halves
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.launch import Launcher
from actdsl.backends.native.layout import Rows, rows

_NAMES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
}


class Steps:
    """The kernels of a program as steps.

    Each takes tensors of one type: inputs of one shape, then parameters. It gives the kernel's
    outputs, shaped like the inputs, and then its sums, shaped like the last parameters.
    """

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        # The common case, a small tensor through a plain function, has a way without questions.
        self._quick: dict[tuple[str, torch.dtype], Launcher] = {}

    def forward(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The output."""
        return self._run("forward", tensors)

    def joint(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The output and the derivative."""
        return self._run("joint", tensors)

    def backward(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """From the cotangent, the inputs and the parameters to the gradients of the latter two."""
        return self._run("backward", tensors)

    def second(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The gradients of ``backward``; see `differentiable` for the order of its tensors."""
        return self._run("second", tensors)

    def write(self, tensors: Sequence[Tensor], out: Tensor) -> None:
        """The output, into a tensor that lies like the first input or apart from all inputs."""
        launcher = self._launcher("forward", tensors[0].dtype)
        self._fill(launcher, tensors[: launcher.inputs], tensors[launcher.inputs :], [out])

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
        if launcher is not None and x.is_contiguous() and (size := x.numel()) < launcher.alone:
            results = [torch.empty_like(x) for _ in range(launcher.outputs)]
            pointers = (x.data_ptr(), *[result.data_ptr() for result in results])
            launcher.call(1, size, *launcher.flat, *pointers)
            return results
        if x.dtype == torch.float16 and not converts_halves():
            return [r.half() for r in self._run(name, [t.float() for t in tensors])]
        launcher = self._launcher(name, x.dtype)
        if launcher.unary:
            self._quick[name, x.dtype] = launcher
        inputs, params = tensors[: launcher.inputs], tensors[launcher.inputs :]
        outputs = [torch.empty_like(x) for _ in range(launcher.outputs)]
        if not x.numel():
            return [*outputs, *(torch.zeros_like(p) for p in self._summed(launcher, params))]
        return [*outputs, *self._fill(launcher, inputs, params, outputs)]

    def _fill(
        self,
        launcher: Launcher,
        inputs: Sequence[Tensor],
        params: Sequence[Tensor],
        outputs: Sequence[Tensor],
    ) -> list[Tensor]:
        """Run a kernel into outputs; its sums."""
        x, threads = inputs[0], torch.get_num_threads()
        if any(t.shape != x.shape for t in inputs[1:]):
            raise ValueError(f"shapes differ: {', '.join(str(tuple(t.shape)) for t in inputs)}")
        held = [p if p.is_contiguous() else p.contiguous() for p in params]
        if launcher.kernel.maps and (place := _rows([*inputs, *outputs])) is not None:
            launcher.map(*place, [t.data_ptr() for t in (*inputs, *held, *outputs)], threads)
            return []
        inputs = [t.contiguous() for t in inputs]
        written = [t if t.is_contiguous() else torch.empty(t.shape, dtype=t.dtype) for t in outputs]
        pointers = [t.data_ptr() for t in (*inputs, *held, *written)]
        sums = launcher.whole(x.shape, pointers, threads)
        for target, result in zip(outputs, written, strict=True):
            if target is not result:
                target.copy_(result)
        return [
            torch.from_numpy(total).reshape(p.shape).to(p.dtype)
            for total, p in zip(sums, self._summed(launcher, params), strict=True)
        ]

    @staticmethod
    def _summed(launcher: Launcher, params: Sequence[Tensor]) -> Sequence[Tensor]:
        return params[len(params) - len(launcher.kernel.sums) :]


def _rows(tensors: Sequence[Tensor]) -> Rows | None:
    if all(t.is_contiguous() for t in tensors):
        return 1, tensors[0].numel(), (0,) * len(tensors)
    return rows(tensors[0].shape, [t.stride() for t in tensors])
