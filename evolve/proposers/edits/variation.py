"""Edits of one graph by small pieces: a subtree, an operator, a level more or less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actdsl.evolve.proposers.expressions.places import Place, places, put
from actdsl.evolve.proposers.expressions.sampling import depends_on_input, expression
from actdsl.evolve.proposers.expressions.vocabulary import Word, draw
from actdsl.ir import REAL, Node, Type, topological

_DEPTH = 2


def replace_subtree(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node | None:
    """A subtree gives way to a random expression of its type."""
    place = _any(rng, places(root)[1:])
    if place is None:
        return None
    return put(root, place, expression(rng, words, _DEPTH, place.operand.type))


def swap_operator(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node | None:
    """An operator or function gives way to another of the same operands."""
    place = _any(rng, [p for p in places(root) if p.operand.args])
    if place is None:
        return None
    old = place.operand
    operands = _operands(old)
    fitting = [w for w in words if w.result is old.type and w.operands == tuple(_types(operands))]
    return put(root, place, draw(rng, fitting).build(rng, operands)) if fitting else None


def insert(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node | None:
    """A function of one argument comes between a subtree and what uses it."""
    place = _any(rng, [p for p in places(root) if _varies(p)])
    unary = [word for word in words if word.operands == (REAL,) and word.result is REAL]
    if place is None:
        return None
    return put(root, place, draw(rng, unary).build(rng, (place.operand,)))


def hoist(rng: np.random.Generator, root: Node, words: Sequence[Word]) -> Node | None:  # noqa: ARG001
    """A subtree gives way to one of its own parts."""
    place = _any(rng, [p for p in places(root) if p.operand.args and _varies(p)])
    if place is None:
        return None
    parts = [
        part
        for part in topological([place.operand])
        if part is not place.operand and part.type is REAL and depends_on_input(part)
    ]
    return put(root, place, parts[rng.integers(len(parts))]) if parts else None


def _operands(old: Node) -> tuple[Node, ...]:
    """What another operator would take over: of a call or a power, the argument alone."""
    return old.args[:1] if old.op in ("call", "pow") else old.args


def _types(operands: tuple[Node, ...]) -> list[Type]:
    return [operand.type for operand in operands]


def _varies(place: Place) -> bool:
    return place.operand.type is REAL and depends_on_input(place.operand)


def _any(rng: np.random.Generator, found: Sequence[Place]) -> Place | None:
    return found[int(rng.integers(len(found)))] if found else None
