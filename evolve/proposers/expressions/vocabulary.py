"""The words that expressions are drawn from: rows of the op table and functions of the prelude.

Every word is listed with its operands' types, so whoever draws one can only make typed graphs.
How often a word is drawn is a choice made here; what the words are is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from actdsl.grammar import PRELUDE
from actdsl.grammar.definition import Definition
from actdsl.ir import REAL, Attribute, Node, Type, call, const, node
from actdsl.ops import TABLE
from actdsl.ops.contextual import AXES
from actdsl.ops.row import Op

_USUAL = 0.15
WEIGHTS = {
    "add": 6, "sub": 2, "mul": 6, "div": 0.8, "neg": 0.5, "pow": 1,
    "sin": 4, "cos": 2, "tanh": 4, "asinh": 1, "atan": 1, "sinc": 0.5, "tan": 0.02,
    "sigmoid": 1.5, "erf": 1, "softplus": 0.7, "relu": 0.7, "exp": 0.4, "abs": 0.7, "where": 0.3,
    "gelu": 1, "silu": 1, "mish": 0.5, "snake": 0.5, "softsign": 0.7, "elu": 0.5,
    "floor": 0.02, "ceil": 0.02, "round": 0.02, "mod": 0.02, "sign": 0.02,
    "stopgrad": 0, "gaussian": 0, "sech2": 0, "cospi": 0, "sigmoid_slope": 0,
    "tanh_deficit": 0,
}  # fmt: skip
"""How often words are drawn, where that is not ``_USUAL``; kinks and jumps seldom help a network."""

_EXPONENTS = (2.0, 3.0)
_LONGEST_SHIFT = 3


@dataclass(frozen=True, slots=True)
class Word:
    """Something that makes a node of operands, and how often it is drawn among its equals."""

    name: str
    operands: tuple[Type, ...]
    result: Type
    weight: float
    build: Callable[[np.random.Generator, tuple[Node, ...]], Node]


@cache
def vocabulary(contextual: bool = False) -> tuple[Word, ...]:
    """Every word; statistics of the tensor only if asked for."""
    rows = [_operator(op) for op in TABLE.values() if contextual or not op.contextual]
    words = [*rows, *(_function(name, found) for name, found in PRELUDE.items())]
    return tuple(word for word in words if word.weight > 0)


def draw(rng: np.random.Generator, words: Sequence[Word]) -> Word:
    """One of the words, by their weights."""
    weights = np.array([word.weight for word in words])
    return words[rng.choice(len(words), p=weights / weights.sum())]


def _operator(op: Op) -> Word:
    weight = WEIGHTS.get(op.name, _USUAL)
    if op.name == "pow":  # any other exponent is NaN on half of the line
        return Word(op.name, (REAL,), REAL, weight, _power)
    return Word(op.name, op.operands, op.result, weight, partial(_apply, op))


def _power(rng: np.random.Generator, args: tuple[Node, ...]) -> Node:
    return args[0] ** float(rng.choice(_EXPONENTS))


def _apply(op: Op, rng: np.random.Generator, args: tuple[Node, ...]) -> Node:
    return node(op.name, args, _attribute(op, rng), op.result)


def _attribute(op: Op, rng: np.random.Generator) -> Attribute:
    if not op.contextual:
        return None
    if op.name == "shift":
        return int(rng.integers(1, _LONGEST_SHIFT + 1)) * int(rng.choice((-1, 1)))
    return str(rng.choice(AXES))


def _function(name: str, found: Definition) -> Word:
    defaults = tuple(const(value) for value in found.defaults if value is not None)

    def build(_: np.random.Generator, args: tuple[Node, ...]) -> Node:
        return call(found.function, args + defaults)

    operands = (REAL,) * found.required
    return Word(name, operands, found.function.body.type, WEIGHTS.get(name, _USUAL), build)
