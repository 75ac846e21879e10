"""A candidate activation as the trainer takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.backends.training import Layer


@dataclass(frozen=True, eq=False)
class LabKernel:
    """An activation and its pullback in machine code, for hidden layers of one width.

    Attributes:
        layer: the compiled activation.
        params: the initial parameters; each hidden layer has its own copy. Their type, float32 or
            float64, is the type of the whole training.
        lower: what they are clamped to from below after each step, element by element.
        upper: the same from above.
        gain: what initial weights are multiplied by behind the activation, see ``gain``.
    """

    layer: Layer
    params: NDArray[Any]
    lower: NDArray[Any]
    upper: NDArray[Any]
    gain: float

    @property
    def dtype(self) -> np.dtype[Any]:
        """The floating type of everything."""
        return self.params.dtype
