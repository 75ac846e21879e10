"""A candidate activation as the trainer takes it: two native functions and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import from_dtype, types
from numba.core.typing.templates import Signature
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True)
class LabKernel:
    """An activation, its pullback and its learnable parameters for one network width.

    ``joint(x, params, y, saved)`` writes the activation of x to y and whatever the pullback wants
    to ``saved``. ``pullback(x, saved, cotangent, params, dx, dparams)`` writes the gradients with
    respect to x and the parameters. Matrices are (rows, width), vectors (parameters,); all are
    C-contiguous of one type, float32 or float64, and every output is overwritten, not added to.
    Both are numba functions compiled for exactly one signature, that of ``joint_signature`` and
    ``pullback_signature``, so that the trainer can take them as plain function pointers.

    ``params`` are the initial values, kept between ``lower`` and ``upper`` during training; each
    hidden layer has its own copy. Their type is the type of the whole training.
    """

    joint: Callable[..., None]
    pullback: Callable[..., None]
    params: NDArray[Any]
    lower: NDArray[Any]
    upper: NDArray[Any]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The floating type the kernel was compiled for."""
        return self.params.dtype


def joint_signature(dtype: DTypeLike) -> Signature:
    """The numba signature of ``LabKernel.joint``."""
    matrix, vector = array_types(dtype)
    return types.void(matrix, vector, matrix, matrix)


def pullback_signature(dtype: DTypeLike) -> Signature:
    """The numba signature of ``LabKernel.pullback``."""
    matrix, vector = array_types(dtype)
    return types.void(matrix, matrix, matrix, vector, matrix, vector)


def array_types(dtype: DTypeLike) -> tuple[types.Array, types.Array]:
    """The numba types of a C-contiguous matrix and vector of that floating type."""
    scalar = from_dtype(np.dtype(dtype))
    return scalar[:, ::1], scalar[::1]
