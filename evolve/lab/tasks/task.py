"""A lab task: a function of the unit cube for a network to learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """A scalar function of scaled variables, each in [0, 1].

    ``function`` takes points of shape ``(rows, dimension)`` and gives values of shape ``(rows,)``.
    It works row by row: a value never depends on the other points of the call.
    ``formula`` says the same in text; ``source`` says where the function comes from.
    """

    name: str
    family: str
    dimension: int
    function: Callable[[Rows], Rows]
    formula: str
    source: str
