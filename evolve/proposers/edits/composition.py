"""Edits that put a whole activation inside, beside or behind another small function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actdsl.evolve.proposers.expressions.constants import scale, signed
from actdsl.evolve.proposers.expressions.places import replaced
from actdsl.evolve.proposers.expressions.sampling import INPUT, function
from actdsl.evolve.proposers.expressions.vocabulary import Word, draw
from actdsl.ir import REAL, Node, input
from actdsl.ops.functions import cos, exp, sigmoid, sin, square

_X = input(INPUT)


def wrap(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node:
    """A product or a sum with a random function, or a function of the whole."""
    match rng.integers(3):
        case 0:
            return root * function(rng, words, 2)
        case 1:
            return root + scale(rng) * function(rng, words, 2)
    unary = [word for word in words if word.operands == (REAL,) and word.result is REAL]
    return draw(rng, unary).build(rng, (root,))


def gate(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node:  # noqa: ARG001
    """A factor that lets through one side (a sigmoid) or the middle (a bell)."""
    if rng.random() < 0.5:
        return root * sigmoid(signed(rng) * _X)
    return root * exp(-scale(rng) * square(_X))


def add_periodic(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node:  # noqa: ARG001
    """A wave added to the output, multiplied into it, or carried by the input."""
    wave = scale(rng) * (sin if rng.random() < 0.7 else cos)(scale(rng) * _X)
    match rng.integers(4):
        case 0:
            return root * (1.0 + wave)
        case 1:
            return replaced(root, _X, _X + wave)
    return root + wave


def add_trend(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node:  # noqa: ARG001
    """A straight line added, so that the far ends go on rising or falling."""
    return root + signed(rng) * _X


def stretch(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node:  # noqa: ARG001
    """The input scaled, everywhere at once."""
    return replaced(root, _X, scale(rng) * _X)
