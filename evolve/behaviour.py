"""What a function does, seen from outside: its shape up to output scale and shift, and its niche.

The layer after an activation multiplies and adds, so a * f(x) + b is no other function than f(x).
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.cost import cost
from actdsl.evaluate import evaluate_program
from actdsl.ir import param, substitute
from actdsl.program import Program

_GRID = np.concatenate([np.linspace(-6.0, 6.0, 49), [-100.0, -20.0, 20.0, 100.0]])
_INNER = 49
_DIGITS = 6

_NEAR = np.linspace(-8.0, 8.0, 801)
_TAIL = np.linspace(8.0, 32.0, 97)
_STRAIGHT = 0.02
"""Deviation, against the spread of values near the origin, up to which a tail is a line."""

_BENDS = 4
"""Changes of curvature that make a ripple, between -8 and 8 or in a tail."""

_PRICES = (10, 25, 60)
"""FLOPs per element where one class of cost ends and the next begins."""


class Tail(enum.Enum):
    """How a function goes on far from the origin."""

    FLAT = "flat"
    STRAIGHT = "straight"
    CURVED = "curved"
    RIPPLED = "rippled"


@dataclass(frozen=True, slots=True)
class Niche:
    """A cell of the grid in which the search keeps the best of every kind.

    Attributes:
        left: the tail towards minus infinity.
        right: the other.
        monotone: whether it never turns.
        rippled: whether it bends one way and the other again and again, near the origin.
        price: the class of its cost, from 0.
    """

    left: Tail
    right: Tail
    monotone: bool
    rippled: bool
    price: int

    def as_json(self) -> list[str | bool | int]:
        """As plain data."""
        return [self.left.value, self.right.value, self.monotone, self.rippled, self.price]

    @classmethod
    def from_json(cls, data: list[Any]) -> Niche:
        """From what :meth:`as_json` gave."""
        left, right, *rest = data
        return cls(Tail(left), Tail(right), *rest)

    def __str__(self) -> str:
        course = "monotone" if self.monotone else "not monotone"
        ripple = "with ripples" if self.rippled else "without ripples"
        bound = f"at most {_PRICES[self.price]}" if self.price < len(_PRICES) else "many"
        tails = f"left tail {self.left.value}, right tail {self.right.value}"
        return f"{tails}, {course}, {ripple}, {bound} FLOPs"


def shape(program: Program) -> str:
    """16 or 33 hexadecimal digits that a * f(x) + b shares with f(x), for a other than 0.

    With parameters there are two halves: as they start, and moved a little, since functions that
    only start as one come apart when they learn.
    """
    if not program.params:
        return _shape(program)
    moved = {param(p): param(replace(p, initial=1.25 * p.initial + 0.125)) for p in program.params}
    elsewhere = replace(program, body=substitute(program.body, moved))
    return f"{_shape(program)}+{_shape(elsewhere)}"


def _shape(program: Program) -> str:
    """Values from the one at 0, over the largest of them near 0, with the first large one positive."""
    values = _values(program, _GRID)
    with np.errstate(all="ignore"):
        values = values - values[_INNER // 2]
        size = np.abs(values[:_INNER]).max()
        scaled = values / (size if size > 0 else 1.0)
        first = scaled[np.argmax(np.abs(scaled) > 0.1)]
        scaled = scaled * np.sign(first if first else 1.0)
        unit = 10.0 ** np.floor(np.log10(np.maximum(np.abs(scaled), 1.0)))
        rounded = np.round(scaled / unit, _DIGITS) * unit + 0.0
    return hashlib.blake2b(rounded.tobytes(), digest_size=8).hexdigest()


def niche(program: Program) -> Niche:
    """Where a function belongs, its parameters at their start."""
    near = _values(program, _NEAR)
    spread = float(np.ptp(near[np.abs(_NEAR) <= 4])) or 1.0
    flops = cost(program).flops
    return Niche(
        left=_tail(_values(program, -_TAIL), spread),
        right=_tail(_values(program, _TAIL), spread),
        monotone=_changes(np.diff(near), 1e-6 * spread) == 0,
        rippled=_changes(np.diff(near, 2), 1e-5 * spread) >= _BENDS,
        price=sum(flops > price for price in _PRICES),
    )


def _tail(values: NDArray[np.float64], spread: float) -> Tail:
    line = np.polynomial.Polynomial.fit(_TAIL, values, 1)(_TAIL)
    if np.abs(values - line).max() <= _STRAIGHT * spread:
        return Tail.FLAT if abs(line[-1] - line[0]) <= _STRAIGHT * spread else Tail.STRAIGHT
    bends = _changes(np.diff(values, 2), 1e-6 * spread)
    return Tail.RIPPLED if bends >= _BENDS else Tail.CURVED


def _changes(values: NDArray[np.float64], least: float) -> int:
    """How often the sign changes, from one value of some size to the next."""
    signs = np.sign(values[np.abs(values) > least])
    return int((signs[1:] != signs[:-1]).sum())


def _values(program: Program, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """At the points, statistics of the tensor taken over them; what is not finite counts as huge."""
    values = evaluate_program(program, *[points[:, np.newaxis]] * len(program.inputs))[:, 0]
    return np.nan_to_num(values.astype(np.float64), nan=1e300, posinf=1e300, neginf=-1e300)
