"""The jax target: jnp operations, with our own derivatives of both orders."""

from __future__ import annotations

from actdsl.backends.bundle import bundle
from actdsl.backends.emit import Dialect
from actdsl.backends.formulas import formula
from actdsl.backends.interface import public_name, signature
from actdsl.backends.schedule import Schedule, slopes
from actdsl.program import Kind, Program

_DIALECT = Dialect("jax")


def source(program: Program) -> str:
    """The text of a file with one function, named as the activation."""
    if program.kind is Kind.POINTWISE:
        kernels = slopes(program)
        make = "pointwise(_forward, _slopes, _curvatures)"
    else:
        kernels = Schedule(program).kernels
        make = f"contextual(_forward, _backward, _second, inputs={len(program.inputs)})"
    parts = [
        *(formula(kernel, f"_{kernel.name}", _DIALECT) for kernel in kernels),
        f"_activation = {make}",
        _public_function(program),
    ]
    return bundle(
        program,
        "jax",
        ["import math", "import jax", "import jax.numpy as jnp"],
        ["jax_functions"],
        "\n\n\n".join(parts),
    )


def _public_function(program: Program) -> str:
    inputs = [public_name(name) for name in program.inputs]
    numbers = [
        f"jnp.asarray({public_name(spec.name)}, {inputs[0]}.dtype)" for spec in program.params
    ]
    return "\n".join(
        [
            f"def {public_name(program.name)}({', '.join(signature(program))}):",
            f'    """{program.name} of arrays of one shape."""',
            f"    {', '.join(inputs)} = {', '.join(f'jnp.asarray({name})' for name in inputs)}",
            f"    return _activation({', '.join([*inputs, *numbers])})",
        ]
    )
