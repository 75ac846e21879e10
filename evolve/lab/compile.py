"""From a program to the kernel that the trainer takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numba
import numpy as np
from numba.core.typing.templates import Signature
from numpy.typing import DTypeLike

from actdsl.backends.training import training_functions
from actdsl.program import Program

from .kernel import LabKernel, joint_signature, pullback_signature


def lab_kernel(program: Program, width: int, dtype: DTypeLike = np.float32) -> LabKernel:
    """Compile an activation for hidden layers of some width.

    Raises:
        ValueError: the activation takes more than one input.
    """
    joint, pullback = training_functions(program, np.dtype(dtype).name)
    compiled = (
        _compiled(joint, joint_signature(dtype)),
        _compiled(pullback, pullback_signature(dtype)),
    )
    rows = [
        [(spec.initial, *spec.bounds)] * (width if spec.per_channel else 1)
        for spec in program.params
    ]
    table = np.array([row for group in rows for row in group], dtype).reshape(-1, 3)
    params, lower, upper = (np.ascontiguousarray(column) for column in table.T)
    return LabKernel(*compiled, params, lower, upper)


@lru_cache(maxsize=64)
def _compiled(function: Callable[..., None], signature: Signature) -> Callable[..., None]:
    """Compiled for one signature; candidates that save their derivative share one pullback."""
    compiled: Callable[..., None] = numba.njit(signature, nogil=True, error_model="numpy")(function)
    return compiled
