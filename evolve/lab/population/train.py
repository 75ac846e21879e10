"""Populations trained on a device: the same runs as ``run``'s, thousands at a time.

A step is a fixed sequence of operations on tensors that stay where they are. On a GPU it is captured
as a CUDA graph once and replayed; elsewhere it is carried out as it stands. The mathematics is the
native trainer's; results differ from its by roundings alone, which training magnifies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..kernel import LabKernel
from ..network import split
from ..recipe import Recipe
from ..tasks import Sizes
from .adam import Adam
from .members import Member, Shape, bounds, points, weights
from .network import Network

CHUNK = 2048
"""Members that train at once: with the micro suite they take half a gigabyte."""

_TRAIN, _VALID, _OOD = (attrgetter(f"x_{part}", f"y_{part}") for part in ("train", "valid", "ood"))
_WARM_UPS = 2


def run_all(
    kernels: Sequence[LabKernel],
    recipe: Recipe,
    sizes: Sizes,
    members: Sequence[Member],
    device: str,
    chunk: int = CHUNK,
) -> NDArray[np.float64]:
    """Losses (members, 2) in distribution and out of it; NaN where training diverged."""
    shape = Shape.of(kernels, recipe.width, members)
    parts = (members[start : start + chunk] for start in range(0, len(members), chunk))
    return np.concatenate([_run(kernels, recipe, sizes, part, shape, device) for part in parts])


def train_all(
    kernels: Sequence[LabKernel],
    recipe: Recipe,
    sizes: Sizes,
    members: Sequence[Member],
    shape: Shape,
    device: str,
) -> tuple[Tensor, Tensor]:
    """Trained weights (members, numbers), and which members' losses stayed finite.

    Of those whose losses did not, the weights mean nothing.
    """
    dtype = kernels[0].dtype
    fresh, *limits = (
        torch.from_numpy(array).to(device)
        for array in (weights(kernels, recipe, members, shape), *bounds(kernels, members, shape))
    )
    x, y = _tensors(members, sizes, shape, dtype, device, _TRAIN)
    theta, gradient = torch.empty_like(fresh), torch.zeros_like(fresh)
    own, slopes = (split(t, shape.dimension, shape.width, shape.count) for t in (theta, gradient))
    network = Network(kernels, [m.kind for m in members], own, slopes, x)
    adam = Adam(theta, gradient, [m.learning_rate for m in members], recipe.steps)
    finite = torch.empty(len(members), dtype=torch.bool, device=device)
    params = theta[:, -2 * shape.count :]

    def start() -> None:
        theta.copy_(fresh)
        finite.fill_(True)
        adam.start()

    def step() -> None:
        network.forward()
        residual = network.y - y
        loss = residual.square().sum((1, 2), dtype=torch.float64)
        finite.logical_and_(loss.isfinite())
        network.backward(residual.mul_(2 / residual.shape[1]))
        adam.update()
        params.copy_(params.clamp(*limits))

    start()
    again = _repeatable(step, theta.device)
    start()
    for _ in range(recipe.steps):
        again()
    return theta, finite


def _run(
    kernels: Sequence[LabKernel],
    recipe: Recipe,
    sizes: Sizes,
    members: Sequence[Member],
    shape: Shape,
    device: str,
) -> NDArray[np.float64]:
    theta, finite = train_all(kernels, recipe, sizes, members, shape, device)
    own = split(theta, shape.dimension, shape.width, shape.count)
    unused = split(torch.empty_like(theta), shape.dimension, shape.width, shape.count)
    losses = []
    for of in (_VALID, _OOD):
        x, y = _tensors(members, sizes, shape, kernels[0].dtype, device, of)
        network = Network(kernels, [m.kind for m in members], own, unused, x)
        network.forward()
        losses.append((network.y.double() - y).square().mean((1, 2)))
    found = torch.stack(losses, 1)
    found[~finite] = torch.nan
    result: NDArray[np.float64] = found.cpu().numpy()
    return result


def _tensors(
    members: Sequence[Member],
    sizes: Sizes,
    shape: Shape,
    dtype: np.dtype[Any],
    device: str,
    of: Callable[[Any], Any],
) -> tuple[Tensor, Tensor]:
    """Inputs (members, rows, dimension) and targets (members, rows, 1)."""
    x, y = points(members, sizes, shape.dimension, dtype, of)
    return torch.from_numpy(x).to(device), torch.from_numpy(y).to(device).unsqueeze(2)


def _repeatable(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """A step as it is quickest to take again; to find out, it may be taken a few times."""
    if device.type != "cuda":
        return step
    streams: Any = torch.cuda  # whose constructor has no types
    side = streams.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UPS):  # a graph captures nothing that compiles
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
