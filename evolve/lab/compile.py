"""From a program to the kernel that the trainer takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from actdsl.backends.training import Layer
from actdsl.program import Program

from .gain import gain
from .kernel import LabKernel


def lab_kernel(program: Program, width: int, dtype: DTypeLike = np.float32) -> LabKernel:
    """Compile an activation for hidden layers of some width.

    Raises:
        ValueError: the activation takes more than one input.
    """
    layer = Layer(program, np.dtype(dtype).name)
    rows = [
        [(spec.initial, *spec.bounds)] * (width if spec.per_channel else 1)
        for spec in program.params
    ]
    table = np.array([row for group in rows for row in group], dtype).reshape(-1, 3)
    params, lower, upper = (np.ascontiguousarray(column) for column in table.T)
    return LabKernel(layer, params, lower, upper, gain(layer, params, width))
