"""One torch custom operator for all kernels: opaque to torch.compile, usable under vmap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.native.steps import KernelStep, Steps
from actdsl.backends.runtime.autograd import Step, places
from actdsl.backends.runtime.operators import batched, by_sample


@dataclass(frozen=True)
class _Entry:
    """A step, and which of its tensors its results are shaped like."""

    step: KernelStep
    places: Sequence[int]


_ENTRIES: dict[str, _Entry] = {}


_LIBRARY: Any = torch.library.Library("actdsl", "FRAGMENT")  # type: ignore[no-untyped-call]
_LIBRARY.define("kernel(str name, Tensor[] tensors) -> Tensor[]")


def _on_cpu(name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    return list(_ENTRIES[name].step(tensors))


def _fake(name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    """What torch.compile needs to know: the shapes."""
    return [torch.empty_like(tensors[k]) for k in _ENTRIES[name].places]


def _vmap(
    info: Any, in_dims: tuple[None, Sequence[int | None]], name: str, tensors: Sequence[Tensor]
) -> tuple[list[Tensor], list[int]]:
    kernel, (_, dims) = _ENTRIES[name].step.kernel, in_dims
    moved, cut = batched(info.batch_size, dims, tensors), len(kernel.inputs)
    if kernel.maps and all(dim is None for dim in dims[cut:]):
        # Elements know nothing of each other: the batch is one larger tensor.
        results = _call(name, [*moved[:cut], *tensors[cut:]])
        return results, [0] * len(results)
    return by_sample(partial(_call, name), moved)


_LIBRARY.impl("kernel", _on_cpu, "CPU")
_LIBRARY.impl("kernel", _fake, "Meta")
torch.library.register_vmap("actdsl::kernel", _vmap, lib=_LIBRARY)
_call: Callable[[str, list[Tensor]], list[Tensor]] = torch.ops.actdsl.kernel.default


def registered(key: str, steps: Steps) -> tuple[Step, Step, Step]:
    """The forward, backward and second step as calls of the operator, under a program's key."""
    program = steps.kernels.program
    shaped = places(len(program.inputs), len(program.params))
    plain = (steps.forward, steps.backward, steps.second)
    return tuple(
        _through_operator(f"{key}.{step.name}", step, where)
        for step, where in zip(plain, shaped, strict=True)
    )  # type: ignore[return-value]


def _through_operator(name: str, step: KernelStep, where: Sequence[int]) -> Step:
    _ENTRIES[name] = _Entry(step, where)
    return lambda tensors: _call(name, list(tensors))
