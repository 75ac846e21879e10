"""The shape of a row of the op table.

A row says everything the project knows of one operator. Whoever needs a fact about an operator
(the parser its arity, the derivative pass its partial derivatives, an emitter its spelling, the
documentation its sentence) reads it here and nowhere else.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from actdsl.ir import REAL, Operand, Type


class Family(enum.Enum):
    """The chapter of the language reference that an operator belongs to."""

    ARITHMETIC = "Arithmetic"
    COMPARISON = "Comparison and choice"
    EXPONENTIAL = "Exponentials and logarithms"
    TRIGONOMETRIC = "Trigonometry"
    SIGMOIDAL = "Sigmoids and error functions"
    PIECEWISE = "Piecewise and rounding"
    CONTEXTUAL = "Statistics of the tensor"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A cell that has no spelling in a target, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """Where an operator has no finite value: ``at(*operands)`` is true there, on NumPy arrays."""

    what: str
    at: Callable[..., Any]


Cell = str | Unsupported
Partials = Callable[..., tuple[Operand, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """A row of the table.

    Attributes:
        name: what a node's ``op`` says, and the function's name in the language.
        family: chapter of the reference.
        doc: one sentence for people and for language models.
        operands: types of the operands; a variadic operator folds further ones of the same type.
        cost: FLOPs per element, by the weights that docs/cost.md states.
        transcendental: whether it needs a polynomial or a table rather than an instruction or two.
        partials: operands and result, as nodes, to the partial derivative in each operand, and at a
            kink to the subgradient that torch gives; no function at all stands for zeros.
        kinks: where the derivative jumps, for people; empty when it does not.
        hazard: where the value is not finite.
        numpy, mpmath: callables, for the interpreter and for the oracle.
        sympy: a callable on sympy expressions; None keeps the operator opaque to sympy.
        torch, numba, cuda, jax: the target's spelling, with ``{0}``, ``{1}`` for operands.
        latex: the formula, in the same way.
        symbol: spelling as a prefix or infix operator, when it has one.
    """

    name: str
    family: Family
    doc: str
    operands: tuple[Type, ...]
    cost: int
    partials: Partials | None
    numpy: Callable[..., Any]
    mpmath: Callable[..., Any]
    torch: Cell
    numba: Cell
    cuda: Cell
    jax: Cell
    latex: str
    result: Type = REAL
    sympy: Callable[..., Any] | None = None
    symbol: str | None = None
    kinks: str = ""
    hazard: Hazard | None = None
    transcendental: bool = False
    variadic: bool = False
    contextual: bool = False

    @property
    def arity(self) -> int:
        """How many operands a node of this operator has."""
        return len(self.operands)


def by_sympy(name: str) -> Callable[..., Any]:
    """A function of sympy's by name; sympy, slow to import, is imported when it is called."""
    return lambda *operands: getattr(import_module("sympy"), name)(*operands)


ONE_REAL: tuple[Type, ...] = (REAL,)
TWO_REALS: tuple[Type, ...] = (REAL, REAL)
