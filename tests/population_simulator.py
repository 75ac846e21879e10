"""The population's kernels in Numba's CUDA simulator: a script of its own, whose answer is JSON.

Like ``cuda_simulator.py``, it is started with ``NUMBA_ENABLE_CUDASIM`` set.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from cuda_simulator import BLOCK, as_on_a_device, relative_error, share_memory
from cuda_simulator import TEXTS as MORE

import actdsl
from actdsl.backends import population
from actdsl.backends.runtime import cuda_device, cuda_tensors
from actdsl.backends.schedule import Schedule
from actdsl.backends.training import Layer
from actdsl.evaluate import evaluate
from actdsl.evolve.lab import Recipe, lab_kernel
from actdsl.evolve.lab.population import Member, network, train_all
from actdsl.evolve.lab.population.members import Shape
from actdsl.evolve.lab.tasks import Sizes, harmonic, polynomial
from actdsl.program import Program

ZOO = ("relu", "gelu_sinc", "snake", "snake_per_channel", "prelu", "turbulent")
OWN = ("batch", "feature", "whole", "shifted")
TEXTS = {
    **{name: MORE[name] for name in OWN},
    "layered": """
        activation layered(x):
            param w = 0.3 in [-1, 1]
            param c = 0.5 per channel
            param unused = 1
            let z = (x - mean(c * x, feature)) / (std(x, batch) + 0.1)
            return w * z * sigmoid(x) + c * mean(amax(z, feature)) * shift(z, 1)""",
}
NAMES = (*ZOO, *TEXTS)
TRAINED = ("relu", "snake", "snake_per_channel", "turbulent")
SHAPES = {"whole vectors": (3, 4), "single elements": (5, 3)}


def in_simulator() -> None:
    """Compute everything that the tests look at, as JSON on stdout."""
    sys.setswitchinterval(1e-5)
    share_memory()
    stand_in_for_a_device()
    programs = tuple(map(program_named, NAMES))
    as_on_a_device(population.module(programs))
    answer: dict[str, Any] = {
        f"{dtype}, {name}": errors(programs, shape, dtype)
        for name, shape in SHAPES.items()
        for dtype in ("float64", "float32")
    }
    answer["trained"] = {dtype: training_error(dtype) for dtype in ("float64", "float32")}
    print(json.dumps(answer))


def program_named(name: str) -> Program:
    return actdsl.zoo[name] if name in ZOO else actdsl.parse(TEXTS[name])


def stand_in_for_a_device() -> None:
    """Kernels run in the memory of CPU tensors; a population has blocks too many, as a small one has."""
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray

    def launcher(_: Any, _real: Any) -> Any:
        def call(kernel: Any, blocks: int, arguments: Sequence[Any]) -> None:
            kernel[blocks, BLOCK](*arguments)

        return SimpleNamespace(call=call)

    # An array of NumPy's the simulator would copy to and fro.
    cuda_device.cuda.as_cuda_array = lambda tensor: FakeCUDAArray(tensor.numpy())
    vars(cuda_tensors).update(
        LEAST_BLOCKS=24, launcher=launcher, context_of=lambda _: contextlib.nullcontext()
    )


def errors(programs: Sequence[Program], shape: tuple[int, int], dtype: str) -> dict[str, float]:
    """The largest relative error of each activation's value and gradients: two members a kind."""
    real = getattr(torch, dtype)
    kinds = [k for k in range(len(programs)) for _ in range(2)][::-1]
    generator = torch.Generator().manual_seed(0)
    x, cotangent = torch.randn(2, len(kinds), *shape, generator=generator).to(real)
    params = torch.rand(len(kinds), 9, generator=generator).mul(0.8).add(0.2).to(real)
    y, dx, dparams = (torch.full_like(t, torch.nan) for t in (x, x, params))
    tensors = population.Tensors(x, params, y, cotangent, dx, dparams)
    layers = [Layer(program, dtype) for program in programs]
    calls = population.in_one_kernel(layers, kinds, tensors)
    calls.forward()
    calls.backward()
    found = dict.fromkeys(NAMES, 0.0)
    for member, kind in enumerate(kinds):
        own = population.Tensors(*(t[member].double().numpy() for t in tensors))
        found[NAMES[kind]] = max(found[NAMES[kind]], error(programs[kind], own))
    return found


def error(program: Program, member: Any) -> float:
    """Against the interpreter; what no parameter owns must not be written to."""
    plan = Schedule(program)
    params, start = {}, 0
    for spec in program.params:
        size = member.x.shape[1] if spec.per_channel else 1
        values = member.params[start : start + size]
        params[spec.name] = values if spec.per_channel else values[0]
        start += size
    assert np.isnan(member.dparams[start:]).all()
    inputs = dict(zip(plan.backward.inputs, (member.cotangent, member.x), strict=True))
    value = evaluate(plan.forward.outputs[0], inputs, params)[plan.forward.outputs[0]]
    (slope,) = plan.backward.outputs
    gradients = []
    for root, spec in zip(plan.backward.sums, program.params, strict=True):
        each = np.broadcast_to(evaluate(root, inputs, params)[root], member.x.shape)
        gradients.extend(each.sum(0) if spec.per_channel else [each.sum()])
    pairs = [(member.y, value), (member.dx, evaluate(slope, inputs, params)[slope])]
    if gradients:
        pairs.append((member.dparams[:start], np.array(gradients)))
    return max(relative_error(own, np.broadcast_to(exact, own.shape)) for own, exact in pairs)


def training_error(dtype: str) -> float:
    """How far weights trained by the population's kernel are from those of the native ones."""
    recipe, sizes = Recipe(width=4, steps=3, learning_rates=(0.01,)), Sizes(6, 4, 4)
    kernels = [lab_kernel(actdsl.zoo[name], recipe.width, dtype) for name in TRAINED]
    members = [
        Member(kind, 0.01, task, 0)
        for task in (polynomial(2, 2, seed=1), harmonic(1, 0))
        for kind in range(len(kernels))
    ]
    as_on_a_device(population.module(tuple(kernel.layer.program for kernel in kernels)))
    shape = Shape.of(kernels, recipe.width, members)
    trained = []
    for calls in (population.one_by_one, population.in_one_kernel):
        vars(network)["calls"] = calls
        theta, finite = train_all(kernels, recipe, sizes, members, shape, "cpu")
        assert finite.all()
        trained.append(theta.double())
    return float((trained[0] - trained[1]).abs().max())


if __name__ == "__main__":
    in_simulator()
