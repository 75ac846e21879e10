"""Where a network is taught and where it is asked: the kinds of out-of-distribution points.

Every kind stays within the unit cube of the scaled variables u, where every task is finite, and
shows the network the training cell as (-1, 1).
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
"""Points, one a row, or a value for each."""


@dataclass(frozen=True)
class _Cells:
    """Uniform draws in [0, 1) to variables, and variables to what the network sees of them."""

    train: Callable[[Rows], Rows]
    ood: Callable[[Rows], Rows]
    seen: Callable[[Rows], Rows]
    words: str


def _around_the_hole(draws: Rows) -> Rows:
    outer = draws / 4
    return np.where(outer < 0.125, outer, outer + 0.25)


class Shift(enum.Enum):
    """A kind of out-of-distribution points, for each variable alike and all variables at once."""

    BEYOND = "beyond"
    HOLE = "hole"
    WIDER = "wider"
    FREQUENCY = "frequency"

    def train(self, draws: Rows) -> Rows:
        """Training (and in-distribution validation) points from uniform draws in [0, 1)."""
        return _CELLS[self].train(draws)

    def ood(self, draws: Rows) -> Rows:
        """Out-of-distribution points from uniform draws in [0, 1)."""
        return _CELLS[self].ood(draws)

    def seen(self, u: Rows) -> Rows:
        """What the network is given in place of the scaled variables."""
        return _CELLS[self].seen(u)

    def __str__(self) -> str:
        return _CELLS[self].words


_CELLS = {
    Shift.BEYOND: _Cells(
        train=lambda draws: draws / 2,
        ood=lambda draws: (1 + draws) / 2,
        seen=lambda u: 4 * u - 1,
        words="trained on u in (0, 0.5), asked on (0.5, 1); the network sees 4u - 1",
    ),
    Shift.HOLE: _Cells(
        train=_around_the_hole,
        ood=lambda draws: 0.125 + draws / 4,
        seen=lambda u: 4 * u - 1,
        words="trained on u in (0, 0.125) and (0.375, 0.5), asked between the two; "
        "the network sees 4u - 1",
    ),
    Shift.WIDER: _Cells(
        train=lambda draws: draws / 4,
        ood=lambda draws: (1 + 3 * draws) / 4,
        seen=lambda u: 8 * u - 1,
        words="trained on u in (0, 0.25), asked on (0.25, 1), three times as wide; "
        "the network sees 8u - 1",
    ),
    Shift.FREQUENCY: _Cells(
        train=lambda draws: draws / 2,
        ood=lambda draws: (1 + draws) / 2,
        seen=lambda u: np.where(u < 0.5, 4 * u - 1, 2 * u),
        words="trained on u in (0, 0.5), asked on (0.5, 1), where everything happens twice as "
        "fast: the network sees 4u - 1 below 0.5 and 2u above",
    ),
}
