"""The torch target: plain torch operations, with our own derivatives of both orders."""

from __future__ import annotations

from actdsl.backends.bundle import bundle
from actdsl.backends.emit import Dialect, literal
from actdsl.backends.formulas import formula
from actdsl.backends.interface import module_class, public_function, public_name, torch_function
from actdsl.backends.schedule import Schedule
from actdsl.program import Program


def source(program: Program) -> str:
    """The text of a file with a function, named as the activation, and a module class."""
    plan = Schedule(program)
    contextual = any(kernel.collectives for kernel in plan.kernels)
    parts = [
        *(formula(kernel, f"_{kernel.name}", dialect(kernel.inputs[0])) for kernel in plan.kernels),
        torch_function(program, [f"step({{0}}, {{1}}, {len(k.outputs)})" for k in plan.kernels]),
        public_function(program, "_activation"),
        module_class(program),
    ]
    return bundle(
        program,
        "torch",
        ["import math", "import torch"],
        ["autograd", "torch_formulas", *(["torch_statistics"] if contextual else []), "layer"],
        "\n\n\n".join(parts),
    )


def dialect(first: str) -> Dialect:
    """Numbers stay Python's, save where a torch function wants a tensor."""
    like = public_name(first)
    return Dialect("torch", argument=lambda value: f"constant({literal(value)}, {like})")
