"""Two parents made one: a part of the second in the first, or both side by side."""

from __future__ import annotations

import numpy as np

from actdsl.evolve.proposers.expressions.constants import scale
from actdsl.evolve.proposers.expressions.parameters import without_clashes
from actdsl.evolve.proposers.expressions.places import places, put
from actdsl.ir import Node, topological


def crossover(rng: np.random.Generator, first: Node, second: Node) -> Node:
    """A subtree of the first gives way to one of the second, of the same type."""
    second = without_clashes(second, first)
    at = places(first)
    place = at[rng.integers(len(at))]
    donors = [n for n in topological([second]) if n.type is place.operand.type and n.args]
    return put(first, place, donors[rng.integers(len(donors))]) if donors else first


def blend(rng: np.random.Generator, first: Node, second: Node) -> Node:
    """Their sum, the second scaled, or their product."""
    second = without_clashes(second, first)
    if rng.random() < 0.75:
        return first + scale(rng) * second
    return first * second
