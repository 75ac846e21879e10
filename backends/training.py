"""The pair of functions that a native trainer calls: an activation of a matrix, and its pullback.

``joint(x, params, y, saved)`` writes the output and, for a pointwise activation without parameters,
its derivative, which shares the work; ``pullback(x, saved, cotangent, params, dx, dparams)`` is
then one product. Other activations are differentiated afresh from their input.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType

from actdsl.backends import vecmath
from actdsl.backends.load import load
from actdsl.backends.loops import Loops
from actdsl.backends.schedule import Kernel, joint, schedule
from actdsl.backends.targets.numba import FUNCTIONS, dialect
from actdsl.program import Kind, Program


def training_functions(
    program: Program, dtype: str = "float32"
) -> tuple[Callable[..., None], Callable[..., None]]:
    """Both as plain functions of numba's subset of Python, to be compiled for a signature.

    Matrices are (rows, features), contiguous, and of the type ``dtype``, float32 or float64;
    ``params`` and ``dparams`` hold every parameter in order, one number or one per feature.

    Raises:
        ValueError: the program has more than one input.
    """
    # One copy of the vector mathematics for all candidates: numba compiles it once a process.
    names = vars(_mathematics())
    joint_text, pullback_text = sources(program, dtype)
    return load(joint_text, names).joint, load(pullback_text, names).pullback


def sources(program: Program, dtype: str = "float32") -> tuple[str, str]:
    """The texts of the two functions."""
    if len(program.inputs) != 1:
        raise ValueError(
            f"{program.name} takes {len(program.inputs)} inputs; a network layer has one"
        )
    (name,) = program.inputs
    if program.kind is Kind.POINTWISE and not program.params:
        forward = _function(
            "joint", _JOINT, joint(program), {name: "matrix"}, ["y", "saved"], dtype
        )
        backward = _SAVED_PULLBACK
    else:
        plan = schedule(program)
        forward = _function("joint", _JOINT, plan.forward, {name: "matrix"}, ["y"], dtype)
        arrays = {plan.backward.inputs[0]: "cotangent", name: "matrix"}
        backward = _function("pullback", _PULLBACK, plan.backward, arrays, ["dx"], dtype)
    head = "import math\n\nimport numpy as np\n\n\n"
    return f"{head}{forward}\n", f"{head}{backward}\n"


@cache
def _mathematics() -> ModuleType:
    return load(vecmath.source_of(FUNCTIONS))


_JOINT = "matrix, params, y, saved"
_PULLBACK = "matrix, saved, cotangent, params, dx, dparams"
_SAVED_PULLBACK = f"""\
def pullback({_PULLBACK}):
    slope, arriving, out0 = saved.ravel(), cotangent.ravel(), dx.ravel()
    for i in range(out0.size):
        out0[i] = slope[i] * arriving[i]"""


def _function(
    name: str,
    arguments: str,
    kernel: Kernel,
    inputs: dict[str, str],
    outputs: list[str],
    dtype: str,
) -> str:
    loops = Loops(
        kernel,
        dialect(dtype),
        reserved=("matrix", "params", "dparams", "y", "saved", "cotangent", "dx"),
    )
    arrays = [inputs[n] for n in kernel.inputs]
    flat = [f"{a.array} = {array}.ravel()" for a, array in zip(loops.inputs, arrays, strict=True)]
    flat += [f"{out} = {array}.ravel()" for out, array in zip(loops.outputs, outputs, strict=True)]
    flat += _slices(kernel, [a.array for a in loops.params], "params")
    flat += _slices(kernel, loops.sums, "dparams")
    shape = ["batch, features = matrix.shape", "middle, size = 1, matrix.size"]
    lines = [f"def {name}({arguments}):", *shape, *flat, *loops.lines()]
    return "\n    ".join(lines)


def _slices(kernel: Kernel, names: list[str], vector: str) -> list[str]:
    """Each parameter's part of the vector that holds them all."""
    lines, scalars, channels = [], 0, 0
    for array, spec in zip(names, kernel.params, strict=False):
        start = f"{scalars} + {channels} * features"
        size = "features" if spec.per_channel else "1"
        lines.append(f"{array} = {vector}[{start} : {start} + {size}]")
        scalars, channels = scalars + (not spec.per_channel), channels + spec.per_channel
    return lines
