"""Kernels as whole-array formulas: what the torch and jax targets print."""

from __future__ import annotations

from actdsl.backends.emit import Dialect, Emitter
from actdsl.backends.interface import public_name
from actdsl.backends.schedule import Kernel
from actdsl.ir import Node, input, param


def formula(kernel: Kernel, name: str, dialect: Dialect) -> str:
    """A function from whole tensors to the tuple of the kernel's outputs and unsummed sums."""
    names: dict[Node, str] = {input(n): public_name(n) for n in kernel.inputs}
    names |= {param(spec): public_name(spec.name) for spec in kernel.params}
    emitter = Emitter(dialect, names)
    values = emitter.values(kernel.roots)
    result = values[0] + "," if len(values) == 1 else ", ".join(values)
    lines = [f"def {name}({', '.join(names.values())}):", *emitter.lines, f"return ({result})"]
    return "\n    ".join(lines)
