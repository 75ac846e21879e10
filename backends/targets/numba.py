"""The numba target: fused CPU kernels, for NumPy arrays and, as a custom operator, for torch."""

from __future__ import annotations

import re

from actdsl.backends import vecmath
from actdsl.backends.bundle import bundle, split_imports
from actdsl.backends.emit import Dialect
from actdsl.backends.interface import (
    module_class,
    public_function,
    public_name,
    signature,
    torch_function,
)
from actdsl.backends.loops import Loops
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.ir import Param
from actdsl.program import Program

FUNCTIONS = vecmath.DOUBLE | vecmath.SHORT
"""Names of the vector functions that a kernel may call."""

_CALL = re.compile(rf"\b({'|'.join(vecmath.DOUBLE)})\(")


def spelled(suffix: str, real: str = "np.float64") -> Dialect:
    """Kernels that call the vector functions with a suffix, and compute in a type of numbers."""
    return Dialect(
        "numba", selects=True, respelled=lambda cell: _CALL.sub(rf"\1{suffix}(", cell), real=real
    )


_DIALECTS = {"float64": spelled(""), "float32": spelled("_short")}

_JIT = '@numba.njit(nogil=True, error_model="numpy")'


def dialect(dtype: str) -> Dialect:
    """How kernels for arrays of a type call the vector functions: float32 and halves the short ones."""
    return _DIALECTS["float64" if dtype == "float64" else "float32"]


def source(program: Program) -> str:
    """The text of a file with NumPy functions, a torch function and a module class."""
    plan = Schedule(program)
    kernels = [_by_type(kernel) for kernel in plan.kernels]
    imports, mathematics = mathematics_for("\n".join(kernels))
    parts = [mathematics, *kernels, _operators(plan), _functions(plan), module_class(program)]
    return bundle(
        program,
        "numba",
        [*imports, "import math", "import numba", "import numpy as np"],
        ["autograd", "extents", "arrays", "operators", "cpu_tensors", "layer"],
        "\n\n\n".join(part for part in parts if part),
    )


def _by_type(kernel: Kernel) -> str:
    """A kernel for each type of array, and a table of both."""
    names = {dtype: f"_{kernel.name}_{dtype}" for dtype in _DIALECTS}
    rows = ", ".join(f'"{dtype}": {name}' for dtype, name in names.items())
    parts = [kernel_source(kernel, dtype, name) for dtype, name in names.items()]
    return "\n\n\n".join([*parts, f"_{kernel.name} = {{{rows}}}"])


def kernel_source(kernel: Kernel, dtype: str, name: str) -> str:
    """One kernel as a decorated function of flat arrays of a type."""
    loops = Loops(kernel, dialect(dtype), reserved=FUNCTIONS)
    head = f"def {name}({', '.join(loops.arguments)}):"
    return "\n".join([_JIT, head, *(f"    {line}" for line in loops.lines())])


def mathematics_for(code: str) -> tuple[list[str], str]:
    """Import lines and definitions of the vector functions that some generated code calls."""
    called = FUNCTIONS & set(re.findall(r"\b([a-z][a-z0-9_]*)\(", code))
    return split_imports(vecmath.source_of(called)) if called else ([], "")


def _operators(plan: Schedule) -> str:
    """The kernels as torch operators, and the function made of them."""
    program = plan.program
    name = f"{public_name(program.name)}_{plan.key}"
    steps = [
        f'operator("{name}_{k.name}", "cpu", cpu_step({{0}}, {len(k.inputs)}, {len(k.outputs)}, '
        f"{len(k.sums)}, {k.shaped}), {{1}})"
        for k in plan.kernels
    ]
    return torch_function(program, steps)


def _functions(plan: Schedule) -> str:
    """The activation of arrays or tensors, and its gradient on arrays."""
    program = plan.program
    name = public_name(program.name)
    inputs = [public_name(i) for i in program.inputs]
    numbers = [_parameter_array(program, p) for p in program.params]
    forward = (
        f"return run(_forward, [{', '.join(f'supported({i})' for i in inputs)}], "
        f"[{', '.join(numbers)}], 1, [], {plan.forward.shaped})[0]"
    )
    arrays = [f"if isinstance({inputs[0]}, np.ndarray):", f"    {forward}"]
    flow = public_name(plan.backward.inputs[0])
    read = ", ".join(f"supported({i})" for i in (flow, *inputs))
    held = ", ".join(numbers)
    gradient = [
        f"def {name}_gradient({', '.join([flow, *signature(program)])}):",
        f'    """Gradients of sum({flow} * output), of each input, then of each parameter."""',
        f"    return run(_backward, [{read}], [{held}], {len(inputs)}, [{held}], "
        f"{plan.backward.shaped})",
    ]
    return "\n".join([public_function(program, "_activation", arrays), "\n", *gradient])


def _parameter_array(program: Program, spec: Param) -> str:
    name = public_name(spec.name)
    if not spec.per_channel:
        return f"np.asarray({name})"
    return f"np.broadcast_to({name}, {public_name(program.inputs[0])}.shape[-1:])"
