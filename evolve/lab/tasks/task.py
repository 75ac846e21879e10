"""A lab task: a function of the unit cube for a network to learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .shift import Rows, Shift


@dataclass(frozen=True)
class Task:
    """A scalar function of scaled variables, each in [0, 1].

    ``function`` takes points of shape ``(rows, dimension)`` and gives values of shape ``(rows,)``.
    It works row by row: a value never depends on the other points of the call.
    ``formula`` says the same in text; ``source`` says where the function comes from. ``shift`` says
    which of its points are for training and which are out of distribution.
    """

    name: str
    family: str
    dimension: int
    function: Callable[[Rows], Rows]
    formula: str
    source: str
    shift: Shift = Shift.BEYOND

    def shifted(self, shift: Shift) -> Task:
        """The same function with another kind of out-of-distribution points, and a name that says so."""
        name = self.name.partition("@")[0]
        suffix = "" if shift is Shift.BEYOND else f"@{shift.value}"
        return replace(self, name=name + suffix, shift=shift)
