"""The cuda target: fused Numba-CUDA kernels, as a custom operator of torch, and as PTX."""

from __future__ import annotations

import textwrap

from actdsl.backends import cuda_math
from actdsl.backends.bundle import bundle
from actdsl.backends.cuda_blocks import DIALECT, STARTS, STEPS, Blocks
from actdsl.backends.interface import module_class, public_function, public_name, torch_function
from actdsl.backends.schedule import Schedule, schedule
from actdsl.program import Program

_IMPORTS = ("import functools", "import math", "import numpy as np")
_FACTORY = '''\
@functools.cache
def _kernels(real, read, write):
    """The passes of each kernel, for one working type and one way to read and write elements."""'''


def source(program: Program) -> str:
    """The text of a file with a function of CUDA tensors, named as the activation, and a module."""
    plan = schedule(program)
    function = public_function(program, "_on_cuda")
    return bundle(
        program,
        "cuda",
        [*_IMPORTS, "import torch", "from torch import Tensor"],
        [
            "autograd",
            "operators",
            "extents",
            "cuda_elements",
            "cuda_passes",
            "cuda_tensors",
            "layer",
        ],
        "\n\n\n".join([factory(plan), _operators(plan), function, module_class(program)]),
    )


def kernel_source(plan: Schedule) -> str:
    """The text of a file with the kernels alone, which needs no torch."""
    runtime = ["extents", "cuda_elements", "cuda_passes"]
    return bundle(plan.program, "cuda", _IMPORTS, runtime, factory(plan))


def factory(plan: Schedule) -> str:
    """The function ``_kernels(real, read, write)`` that makes every kernel of a program."""
    blocks = [Blocks(kernel) for kernel in plan.kernels]
    kernels = [text for block in blocks for text in block.sources()]
    operators = sorted(set().union(*(block.operators for block in blocks)))
    parts = [
        *cuda_math.definitions("\n".join(kernels)),
        *(_folding(operator) for operator in operators),
        *kernels,
        "\n".join(["return {", *(line for block in blocks for line in _entry(block)), "}"]),
    ]
    return "\n\n".join([_FACTORY, *(textwrap.indent(part, "    ") for part in parts)])


def _folding(operator: str) -> str:
    name = STEPS[operator]
    return "\n".join(
        [
            "@device",
            f"def {name}(a, b):",
            f"    return {DIALECT.cell(operator).format('a', 'b')}\n",
            f"block_{name}, finish_{name} = folding({name}, {STARTS[operator]}, real)",
        ]
    )


def _entry(block: Blocks) -> list[str]:
    return [
        f'    "{block.kernel.name}": [',
        *(f"        {line}" for line in block.passes()),
        "    ],",
    ]


def _operators(plan: Schedule) -> str:
    """The kernels as torch operators, and the function made of them."""
    name = f"{public_name(plan.program.name)}_{plan.key}_cuda"
    steps = [
        f'operator(_name + "_{k.name}", "cuda", cuda_step(_kernels, "{k.name}", '
        f"{len(k.inputs)}, {len(k.outputs)}, {len(k.sums)}), {{1}})"
        for k in plan.kernels
    ]
    function = torch_function(plan.program, steps)
    return "\n".join([f'_name = "{name}"', function, "_on_cuda = on_cuda(_activation)"])
