"""What is run in Numba's CUDA simulator, thread by thread: a script of its own, whose answer is JSON.

The simulator must be chosen before Numba is imported, so ``NUMBA_ENABLE_CUDASIM`` is set for it.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import actdsl
from actdsl.backends.load import load
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.backends.targets.cuda import kernel_source, source
from actdsl.evaluate import evaluate
from actdsl.ir import input, node
from actdsl.ops import TABLE
from actdsl.program import Program

BLOCK, GRID = 4, 2  # small, so that a few elements already make threads stride and wait
SHAPE = (3, 5, 3)  # more columns than the grid has threads
ZOO = ("relu", "gelu_sinc", "mish", "snake", "snake_per_channel", "prelu", "turbulent", "swiglu")
VECTORISED = ("relu", "gelu_sinc", "snake", "turbulent", "swiglu")
SINGLE = ("gelu_sinc", "mish", "snake_per_channel", "turbulent")
TEXTS = {
    "batch": "activation batch(x): return x * mean(x, batch) - amax(x * x, batch) + amin(x, batch)",
    "feature": "activation feature(x): return x * mean(x, feature) + amax(x, feature) * amin(x, feature)",
    "whole": "activation whole(x): return sin(x) * amax(x) + cos(x) * amin(x) - x * var(x)",
    "shifted": "activation shifted(x): return x * shift(x, 1) + shift(sin(x), -2) + shift(x, 7)",
    "layered": """
        activation layered(x, gate):
            param w = 0.3 in [-1, 1]
            param c = 0.5 per channel
            param unused = 1
            let z = (x - mean(c * x, feature)) / (std(x, batch) + 0.1)
            return w * z * sigmoid(gate) + c * mean(amax(z, feature)) * shift(z, 1)""",
    "only_statistic": "activation only_statistic(x): return mean(x, batch)",
}
NUMBERS = [-math.inf, -30.0, -2.5, -1.5, -1.0, -0.5, -1e-3, 0.0]
NUMBERS += [1e-3, 0.3, 0.5, 1.0, 1.5, 2.5, 30.0, math.inf, math.nan]
HALVES = [1.0, 1.00390625, 1.01171875, -3.14, 1e-40, 3.3e38, -math.inf, math.inf, math.nan, 0.1]

PROGRAMS = (*ZOO, *TEXTS)
BOOL = TABLE["lt"].result
POINTWISE = [n for n, r in TABLE.items() if isinstance(r.cuda, str) and not r.contextual]


def in_simulator() -> None:
    """Compute everything that the tests look at, as JSON on stdout."""
    sys.setswitchinterval(1e-5)  # threads of a block wait for each other
    share_memory()
    print(
        json.dumps(
            {
                "programs": {name: program_errors(name, SHAPE, "float64") for name in PROGRAMS},
                "float32": {name: program_errors(name, SHAPE, "float32") for name in SINGLE},
                "vector": {n: program_errors(n, (7,), "float64") for n in ("layered", "batch")},
                "scalar": program_errors("snake", (), "float64"),
                "fast": {
                    name: program_errors(name, SHAPE, "float32", fast=True) for name in SINGLE
                },
                "elements": {n: program_errors(n, SHAPE, "float64", vectors=0) for n in VECTORISED},
                "loads": loads(),
                "cells": cell_values(),
                "bfloat16": bfloat16_products(),
                "torch": tensor_errors(),
            }
        )
    )


def share_memory() -> None:
    """Let threads that ask for shared memory at once get the same: the simulator's own way races."""
    from numba.cuda.simulator.kernelapi import FakeCUDAShared

    def array(self: Any, shape: int, dtype: Any) -> Any:
        place = sys._getframe(1).f_lineno
        return self._allocations.setdefault(place, np.empty(shape, dtype))

    FakeCUDAShared.array = array


def program_named(name: str) -> Program:
    return actdsl.zoo[name] if name in ZOO else actdsl.parse(TEXTS[name])


def program_errors(
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    vectors: int | None = None,
    fast: bool = False,
) -> dict[str, float]:
    """Per kernel, the largest relative error of outputs and sums against the interpreter."""
    plan = Schedule(program_named(name))
    module = simulated(kernel_source(plan))
    generator = np.random.default_rng(0)
    errors = {}
    for kernel in plan.kernels:
        arrays = [generator.normal(size=shape) for _ in kernel.inputs]
        params = [
            generator.uniform(0.2, 1.0, size=shape[-1:] if spec.per_channel else ())
            for spec in kernel.params
        ]
        outputs, sums = run(module, kernel, arrays, params, dtype, vectors, fast)
        values = {"inputs": dict(zip(kernel.inputs, arrays, strict=True))}
        values["params"] = {s.name: p for s, p in zip(kernel.params, params, strict=True)}
        exact = [evaluate(root, **values)[root] for root in kernel.outputs]
        specs = kernel.params[len(params) - len(sums) :]
        for root, spec in zip(kernel.sums, specs, strict=True):
            value = evaluate(root, **values)[root]
            exact.append(value.reshape(-1, shape[-1]).sum(0) if spec.per_channel else value.sum())
        errors[kernel.name] = max(map(relative_error, [*outputs, *sums], exact))
    return errors


def relative_error(computed: Any, exact: Any) -> float:
    difference = np.abs(np.asarray(computed, np.float64).reshape(np.shape(exact)) - exact)
    return float(np.max(difference) / (1.0 + np.max(np.abs(exact))))


def run(
    module: ModuleType,
    kernel: Kernel,
    arrays: Sequence[Any],
    params: Sequence[Any],
    dtype: str,
    vectors: int | None = None,
    fast: bool = False,
) -> tuple[list[Any], list[Any]]:
    """A kernel's outputs and sums; whatever it does not write stays NaN.

    It takes all the vectors that there are, or as many as said.
    """
    of_type = module.elements(dtype, fast)
    real = of_type.real
    shape = np.shape(arrays[0])

    def empty(length: int) -> Any:
        return np.full(length, math.nan, real)

    outputs = [empty(math.prod(shape)) for _ in kernel.outputs]
    sums = [empty(np.size(p)) for p in params[len(params) - len(kernel.sums) :]]
    flat = [np.array(a, dtype=real).reshape(-1) for a in (*arrays, *params)]
    passes = module._kernels(*of_type)[kernel.name]
    vectors = math.prod(shape) // of_type.width if vectors is None else vectors
    module.run_passes(passes, flat, outputs, sums, shape, launcher(module, empty), vectors)
    return [out.reshape(shape) for out in outputs], sums


def launcher(module: ModuleType, empty: Any) -> Any:
    def call(kernel: Any, blocks: int, arguments: Sequence[Any]) -> None:
        kernel[blocks, BLOCK](*arguments)

    return module.Launcher(1, GRID, empty, call)


def simulated(text: str) -> ModuleType:
    """A generated file whose mathematics is a device's."""
    return as_on_a_device(load(text))


def as_on_a_device(module: ModuleType) -> ModuleType:
    """The module with such mathematics: float32 stays float32, nothing raises."""
    vars(module)["BLOCK"] = BLOCK
    functions = {name: getattr(np, name) for name in vars(math) if hasattr(np, name)}
    functions |= {"atan": np.arctan, "asinh": np.arcsinh}
    functions |= {"pow": lambda x, y: np.power([x], [y])[0]}  # a scalar's gives NaN for (-inf)**0.5
    functions |= {"erf": lambda x: x.dtype.type(math.erf(x))}
    functions |= {"erfc": lambda x: x.dtype.type(math.erfc(x))}
    vars(module)["math"] = SimpleNamespace(**{**vars(math), **functions})
    vars(module)["libdevice"] = SimpleNamespace(
        int_as_float=lambda bits: bits.view(np.float32),
        float_as_int=lambda value: value.view(np.int32),
        **{f"rint{kind}": np.rint for kind in ("", "f")},
        **{f"sinpi{kind}": half_turns(math.sin) for kind in ("", "f")},
        **{f"cospi{kind}": half_turns(math.cos) for kind in ("", "f")},
    )
    return module


def half_turns(function: Any) -> Any:
    def of_pi_times(x: Any) -> Any:
        turn = np.fmod(x, x.dtype.type(2.0))
        return x.dtype.type(function(math.pi * float(turn))) if np.isfinite(x) else x - x

    return of_pi_times


def cell_kernel() -> Kernel:
    """A kernel with an output for every pointwise row, unsimplified, so that its cell is what runs."""
    x, y = input("x"), input("y")
    outputs = []
    for name in POINTWISE:
        row = TABLE[name]
        reals = [x, y, node("mul", (x, y))]
        truths = [node("lt", (x, y), type=BOOL), node("ge", (x, y), type=BOOL)]
        operands = tuple((truths if t is BOOL else reals).pop(0) for t in row.operands)
        value = node(name, operands, type=row.result)
        outputs.append(node("where", (value, x, y)) if row.result is BOOL else value)
    return Kernel("forward", ("x", "y"), (), tuple(outputs))


def cell_values() -> dict[str, list[list[str]]]:
    """Per row, what its cell gives and what NumPy gives, on all pairs of numbers."""
    kernel = cell_kernel()
    plan = Schedule(Program("cells", ("x", "y"), (), input("x")))
    plan.forward = kernel
    for name in ("backward", "second"):
        setattr(plan, name, Kernel(name, ("x",), (), (input("x"),)))
    x, y = (grid.reshape(-1) for grid in np.meshgrid(NUMBERS, NUMBERS))
    outputs, _ = run(simulated(kernel_source(plan)), kernel, [x, y], [], "float64")
    exact = [evaluate(root, {"x": x, "y": y})[root] for root in kernel.outputs]
    return {
        name: [[repr(float(v)) for v in values] for values in pair]
        for name, *pair in zip(POINTWISE, outputs, exact, strict=True)
    }


def bfloat16_products() -> list[int]:
    """1.1 x for bfloat16 x, as patterns."""
    program = actdsl.parse("activation f(x): return 1.1 * x")
    module = simulated(kernel_source(Schedule(program)))
    patterns = (np.array(HALVES, np.float32).view(np.int32) >> 16).astype(np.int16)
    written = np.zeros_like(patterns)
    passes = module._kernels(*module.elements("bfloat16"))["forward"]
    scratch = launcher(module, None)
    module.run_passes(passes, [patterns], [written], [], patterns.shape, scratch)
    return written.tolist()


def tensor_errors() -> dict[str, float]:
    """The torch layer on CPU tensors: how far value and derivatives are from the torch target's."""
    import torch

    act = actdsl.zoo["snake_per_channel"]
    module = simulated(source(act))
    stand_in_for_a_device(module)
    steps = [
        module.cuda_step(module._kernels, k.name, len(k.inputs), len(k.outputs), len(k.sums))
        for k in Schedule(act).kernels
    ]
    function = module.differentiable(*steps, inputs=1)
    errors = {}
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(4, 3, 2, generator=generator).transpose(1, 2).to(dtype).requires_grad_()
        a = torch.rand(3, generator=generator).add(0.5).to(dtype).requires_grad_()
        results = [derivatives(f, x, a) for f in (function, load(act.source("torch"))._activation)]
        spread = [(p - q).abs().max() / (1 + q.abs().max()) for p, q in zip(*results, strict=True)]
        errors[str(dtype)] = float(max(spread))
    empty = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)
    shapes = [tuple(t.shape) for t in derivatives(function, empty, a.detach().double())]
    errors["empty"] = float(shapes != [(0, 3), (0, 3), (0, 3)])
    return errors


def loads() -> dict[str, int]:
    """How many vectors the kernels of a layer load, by what their tensors are like."""
    import torch

    module = simulated(source(actdsl.zoo["gelu_sine"]))
    stand_in_for_a_device(module)
    counted = 0

    def elements(dtype: str, fast: bool = False) -> Any:
        def load(array: Any, v: int) -> Any:
            nonlocal counted
            counted += 1
            return of_type.load(array, v)

        of_type = vars(module)["elements_of"](dtype, fast)
        return of_type._replace(load=load)

    vars(module).update(elements_of=module.elements, elements=elements)
    step = module.cuda_step(module._kernels, "forward", 1, 1, 0)
    memory = torch.linspace(-3, 3, 101)
    tensors = {
        "whole": memory[:100],
        "with a rest": memory,
        "shifted": memory[1:],
        "small": memory[:15],
        "halves": memory.bfloat16(),
        "doubles": memory.double(),
        "strided": memory[:100].view(10, 10).T,
    }
    found = {}
    for name, x in tensors.items():
        counted = 0
        (y,) = step([x])
        exact = torch.nn.functional.gelu(x.double()) + 0.1 * torch.sin(x.double())
        torch.testing.assert_close(y.double(), exact, rtol=1e-2, atol=1e-3)
        found[name] = counted
    return found


def derivatives(function: Any, x: Any, a: Any) -> list[Any]:
    """The value, the gradients, and the gradients of a function of the gradients, in float64."""
    import torch

    leaves = [t for t in (x, a) if t.requires_grad]
    value = function(x, a)
    first = torch.autograd.grad((value * value).sum(), leaves, create_graph=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in first), leaves)
    return [t.detach().double() for t in (value, *first, *second)]


def stand_in_for_a_device(module: ModuleType) -> None:
    import torch

    def memory(tensor: Any) -> Any:
        flat = tensor.detach().contiguous().view(-1)
        return (flat.view(torch.int16) if flat.dtype == torch.bfloat16 else flat).numpy()

    def launcher_of(_: Any, real: Any) -> Any:
        return launcher(module, lambda length: memory(torch.empty(length, dtype=real)))

    vars(module).update(
        memory=memory, launcher=launcher_of, context_of=lambda _: contextlib.nullcontext()
    )


if __name__ == "__main__":
    in_simulator()
