"""Means of sums in which a statistic scales a term, taken apart so that they need not wait for it.

``mean(a + b * s)`` is ``mean(a) + mean(b) * s`` where ``s`` is the same for all that is averaged,
and then all three means are found in one pass. The mean of a deviation, ``x - mean(x)``, is 0. The
derivatives of normalised values are made of such means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from actdsl.ir import Node, Param, const, topological, transform
from actdsl.ops import TABLE
from actdsl.ops.functions import mean


def apart(root: Node) -> Node:
    """The graph with every mean taken apart that would otherwise wait for another statistic."""
    return transform(root, lambda n: _apart(n) if n.op == "mean" else None)


def _apart(current: Node) -> Node | None:
    axis = str(current.attr)
    unscaled: list[Node] = []
    scaled: list[tuple[Node, Node]] = []
    for sign, term in _terms(current.args[0]):
        scale, rest = _scale(term, axis)
        signed = rest if sign > 0 else -rest
        if scale is None:
            unscaled.append(signed)
        else:
            scaled.append((scale, signed))
    below = topological([*unscaled, *(rest for _, rest in scaled)])
    if not scaled or any(n in below for scale, _ in scaled for n in _statistics(scale)):
        return None
    total = const(0.0)
    if unscaled:
        total = mean(_sum(unscaled), attr=axis)
    for scale, rest in scaled:
        if not _deviates(rest, axis):
            total = total + scale * mean(rest, attr=axis)
    return total


def _terms(root: Node, sign: int = 1) -> Iterator[tuple[int, Node]]:
    """What is added up to the root, each with its sign."""
    match root.op:
        case "add" | "sub":
            yield from _terms(root.args[0], sign)
            yield from _terms(root.args[1], sign if root.op == "add" else -sign)
        case "neg":
            yield from _terms(root.args[0], -sign)
        case _:
            yield sign, root


def _scale(term: Node, axis: str) -> tuple[Node | None, Node]:
    """A factor with a statistic in it that is the same for all that is averaged, and the rest."""
    if term.op == "mul":
        for factor, rest in (term.args, term.args[::-1]):
            if _statistics(factor) and _steady(factor, axis):
                return factor, rest
    return None, term


def _steady(root: Node, axis: str) -> bool:
    """Whether a value is the same for all elements that a mean over an axis takes together."""
    same = {n for n in _statistics(root) if n.attr in ("all", axis)}
    return not any(_varies(n) for n in topological([root], known=same))


def _varies(current: Node) -> bool:
    each = isinstance(current.attr, Param) and current.attr.per_channel
    return current.op == "input" or each


def _statistics(root: Node) -> set[Node]:
    """The statistics and shifts that a value is made of, but not those that these are made of."""
    every = {n for n in topological([root]) if n.op in TABLE and TABLE[n.op].contextual}
    outside = topological([root], known=every)
    return every & {root, *(arg for n in outside for arg in n.args)}


def _deviates(root: Node, axis: str) -> bool:
    """Whether a value is a deviation from its own mean, so that nothing is left of it on average."""
    total: dict[Node, int] = defaultdict(int)
    for sign, term in _terms(root):
        total[term if _steady(term, axis) else mean(term, attr=axis)] += sign
    return not any(total.values())


def _sum(terms: list[Node]) -> Node:
    total, *others = terms
    for term in others:
        total = total + term
    return total
