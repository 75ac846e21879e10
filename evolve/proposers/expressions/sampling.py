"""Random typed expressions of one input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actdsl.evolve.proposers.expressions.constants import signed
from actdsl.evolve.proposers.expressions.vocabulary import Word, draw
from actdsl.ir import REAL, Node, Type, const, input, topological

INPUT = "x"
_LEAF = 0.25
_CONSTANT = 0.25


def expression(
    rng: np.random.Generator, words: Sequence[Word], depth: int, type: Type = REAL
) -> Node:
    """An expression of ``x`` at most ``depth`` words deep; one of truth may be one deeper.

    A real one may end early, in the input or a constant.
    """
    if type is REAL and (depth <= 0 or rng.random() < _LEAF):
        return const(signed(rng)) if rng.random() < _CONSTANT else input(INPUT)
    fitting = [word for word in words if word.result is type]
    if depth <= 0 or type is not REAL:  # a comparison of reals ends what would go on for ever
        fitting = [word for word in fitting if depth > 1 or set(word.operands) == {REAL}]
    word = draw(rng, fitting)
    return word.build(rng, tuple(expression(rng, words, depth - 1, t) for t in word.operands))


def function(rng: np.random.Generator, words: Sequence[Word], depth: int) -> Node:
    """A real expression in which the input occurs, other than the input itself."""
    while True:
        found = expression(rng, words, depth)
        if found.args and depends_on_input(found):
            return found


def depends_on_input(root: Node) -> bool:
    """Whether the input occurs in it."""
    return any(n.op == "input" for n in topological([root]))
