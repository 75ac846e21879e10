"""The activations of a population's layers: calls on tensors that stay where they are.

A member has a matrix of pre-activations, (rows, features), parameters, and a kind: which of some
activations is its own. On a GPU one kernel serves them all (``cuda/population.py``); on the CPU the
members take turns with the kernels that a single network has, which is for tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from actdsl.backends.cuda import population
from actdsl.backends.load import load
from actdsl.backends.training import Layer, make
from actdsl.program import Program


class Tensors(NamedTuple):
    """One layer's memory: (members, rows, features) unless said otherwise, contiguous.

    ``params`` and ``dparams`` are (members, parameters), as many as the greediest activation has,
    and at least one; their rows may be part of longer ones.
    """

    x: Tensor
    params: Tensor
    y: Tensor
    cotangent: Tensor
    dx: Tensor
    dparams: Tensor


class Calls(NamedTuple):
    """``forward`` writes ``y``; ``backward``, after it, ``dx`` and ``dparams``."""

    forward: Callable[[], None]
    backward: Callable[[], None]


def calls(layers: Sequence[Layer], kinds: Sequence[int], tensors: Tensors) -> Calls:
    """The calls of a layer whose member m has the activation ``layers[kinds[m]]``."""
    bound = in_one_kernel if tensors.x.is_cuda else one_by_one
    return bound(layers, kinds, tensors)


def one_by_one(layers: Sequence[Layer], kinds: Sequence[int], tensors: Tensors) -> Calls:
    """By the native kernels of a single network, member after member."""
    own, sums = [], []
    for member, kind in enumerate(kinds):
        x, params, y, cotangent, dx, dparams = (t[member].numpy() for t in tensors)
        found = np.zeros(len(dparams))
        own.append(layers[kind].calls(x, params, y, cotangent, dx, found))
        sums.append((dparams, found))

    def forward() -> None:
        for call in own:
            make(call.joint)

    def backward() -> None:
        for call, (dparams, found) in zip(own, sums, strict=True):
            make(call.pullback)
            dparams[:] = found

    return Calls(forward, backward)


def in_one_kernel(layers: Sequence[Layer], kinds: Sequence[int], tensors: Tensors) -> Calls:
    """By one kernel; on torch's current stream, so that a CUDA graph can capture it."""
    from actdsl.backends.runtime import cuda_device, cuda_tensors

    programs = tuple(layer.program for layer in layers)
    x = tensors.x
    members, rows, features = x.shape
    found = kernels(programs, str(x.dtype).removeprefix("torch."))
    slots = max(1, *map(population.room, programs))
    scratch = torch.empty((members, slots, rows * features), dtype=x.dtype, device=x.device)
    of_member = torch.tensor(kinds, dtype=torch.int32, device=x.device)
    lanes = 16 // x.element_size()
    vectors = rows * features // lanes if rows * features % lanes == 0 else 0
    memory = cuda_device.cuda.as_cuda_array
    about = [
        *map(memory, (of_member, tensors.params, tensors.dparams, scratch)),
        *(rows, 1, features, vectors),
    ]
    matrices = (tensors.cotangent, x, tensors.y, tensors.dx)
    cotangent, inputs, outputs, dx = (memory(t.view(members, -1)) for t in matrices)

    def launch(kernel: Any, *arguments: Any) -> None:
        blocks = max(cuda_tensors.LEAST_BLOCKS, members)
        with cuda_tensors.context_of(x.device):
            cuda_tensors.launcher(x.device, x.dtype).call(kernel, blocks, [*about, *arguments])

    def forward() -> None:
        launch(found["forward"], inputs, outputs)

    def backward() -> None:
        launch(found["backward"], cotangent, inputs, dx)

    return Calls(forward, backward)


@cache
def kernels(programs: tuple[Program, ...], dtype: str) -> dict[str, Any]:
    """The kernels of some activations, looked up on disk or compiled when they are first launched."""
    made = module(programs)
    found: dict[str, Any] = made._kernels(*made.elements(dtype))
    return found


def module(programs: tuple[Program, ...]) -> ModuleType:
    """The module of their text.

    Raises:
        ImportError: numba-cuda is not installed.
    """
    found = load(population.source(programs))
    if not found.SIMULATED:
        from actdsl.backends.cuda.cache import keep_kernels

        keep_kernels(found)
    return found
