"""The cuda target: fused Numba-CUDA kernels, as a custom operator of torch, and as PTX."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from actdsl.backends.bundle import bundle
from actdsl.backends.cuda import device_math
from actdsl.backends.cuda.blocks import Blocks
from actdsl.backends.cuda.dialect import DIALECT, STARTS, STEPS
from actdsl.backends.interface import module_class, public_function, public_name, torch_function
from actdsl.backends.schedule import Schedule
from actdsl.program import Program

IMPORTS = ("import functools", "import math", "import numpy as np")
_FACTORY = '''\
@functools.cache
def _kernels(real, read, write, load, store, width, quick):
    """The passes of each kernel, for tensors of one type, which these are the ``Elements`` of."""'''
DEVICE = ("extents", "cuda_device", "cuda_vectors", "cuda_elements", "cuda_passes")


def source(program: Program, fast: bool = False) -> str:
    """The text of a file with a function of CUDA tensors, named as the activation, and a module.

    Half types are computed with the hardware's approximations; ``fast`` has float32 done so too.
    """
    plan = Schedule(program)
    function = public_function(program, "_on_cuda")
    return bundle(
        program,
        "cuda",
        [*IMPORTS, "import torch", "from torch import Tensor"],
        ["autograd", "operators", *DEVICE, "cuda_tensors", "layer"],
        "\n\n\n".join([factory(plan), _operators(plan, fast), function, module_class(program)]),
    )


def kernel_source(plan: Schedule) -> str:
    """The text of a file with the kernels alone, which needs no torch."""
    return bundle(plan.program, "cuda", IMPORTS, DEVICE, factory(plan))


def factory(plan: Schedule) -> str:
    """The function ``_kernels(*elements)`` that makes every kernel of a program."""
    blocks = [Blocks(kernel) for kernel in plan.kernels]
    kernels = [text for block in blocks for text in block.sources()]
    operators = sorted(set().union(*(block.operators for block in blocks)))
    folds = [_folding(operator) for operator in operators]
    return factory_of([*folds, *kernels], (line for block in blocks for line in _entry(block)))


def factory_of(parts: Sequence[str], entries: Iterable[str]) -> str:
    """The function ``_kernels(*elements)`` with some definitions and those that they call.

    It gives a dictionary, of which ``entries`` are the lines.
    """
    functions = device_math.definitions("\n".join(parts))
    parts = [*functions, *parts, "\n".join(["return {", *entries, "}"])]
    return "\n\n".join([_FACTORY, *(textwrap.indent(part, "    ") for part in parts)])


def step_source(operator: str) -> str:
    """The function of two values that a reduction folds with."""
    cell = DIALECT.cell(operator).format("a", "b")
    return f"@formula(1)\ndef {STEPS[operator]}(a, b):\n    return {cell}"


def _folding(operator: str) -> str:
    name = STEPS[operator]
    ways = f"block_{name}, finish_{name} = folding({name}, {STARTS[operator]}, real)"
    return f"{step_source(operator)}\n\n{ways}"


def _entry(block: Blocks) -> list[str]:
    return [
        f'    "{block.kernel.name}": [',
        *(f"        {line}" for line in block.passes()),
        "    ],",
    ]


def _operators(plan: Schedule, fast: bool) -> str:
    """The kernels as torch operators, and the function made of them."""
    name = f"{public_name(plan.program.name)}_{plan.key}_cuda{'_fast' if fast else ''}"
    steps = [
        f'operator(_name + "_{k.name}", "cuda", cuda_step(_kernels, "{k.name}", '
        f"{len(k.inputs)}, {len(k.outputs)}, {len(k.sums)}{', fast=True' if fast else ''}), {{1}})"
        for k in plan.kernels
    ]
    function = torch_function(plan.program, steps)
    return "\n".join([f'_name = "{name}"', function, "_on_cuda = on_cuda(_activation)"])
