"""Derivatives on the graph, by the table's rows.

Graphs come in without calls, ``var`` and ``std`` (see :mod:`actdsl.lower`).
"""

from __future__ import annotations

from collections.abc import Sequence

from actdsl.ir import Node, as_node, const, constant, topological
from actdsl.ops import TABLE
from actdsl.ops.functions import equal, mean, shift, where
from actdsl.rewrite import rewrite


def derivative(root: Node, wrt: Node) -> Node:
    """d root / d wrt at one element, statistics held fixed (unless ``wrt`` is one).

    Forward mode: a choice stays outermost, so the branch not taken cannot leak a NaN through a
    product with zero.
    """
    return rewrite(_or_zero(_slope(root, wrt)))


def cotangents(root: Node, cotangent: Node, wrt: Sequence[Node]) -> list[Node]:
    """The gradient of sum(cotangent * root) with respect to each leaf, at one element.

    For an input that is its gradient; for a parameter, what remains is to sum it over the
    elements that share the parameter. Statistics are differentiated exactly: each is first an
    independent variable of what uses it, then passes its cotangent on to its operand.
    """
    statistics = [n for n in topological([root]) if n.op in TABLE and TABLE[n.op].contextual]
    arriving: dict[Node, Node] = {}
    gradients: dict[Node, Node] = {}
    for target in [None, *reversed(statistics)]:
        if target is None:
            value, flow = root, cotangent
        elif target in arriving:
            value, flow = target.args[0], _through(target, arriving[target])
        else:
            continue
        for variable, into in [
            *((s, arriving) for s in statistics),
            *((w, gradients) for w in wrt),
        ]:
            slope = _slope(value, variable)
            if slope is not None:
                share = _times(slope, flow)
                into[variable] = into[variable] + share if variable in into else share
    return [rewrite(gradients.get(leaf, const(0.0))) for leaf in wrt]


def _through(statistic: Node, flow: Node) -> Node:
    """The cotangent of a statistic's operand, given that of the statistic, element by element."""
    axis, operand = statistic.attr, statistic.args[0]
    if statistic.op == "mean":
        return mean(flow, attr=axis)
    if statistic.op == "shift":
        assert isinstance(axis, int)
        return shift(flow, attr=-axis)
    wins = equal(operand, statistic)  # amin or amax: those that attain it share evenly
    share = mean(flow, attr=axis) / mean(where(wins, 1.0, 0.0), attr=axis)
    return where(wins, share, 0.0)


def _slope(root: Node, wrt: Node) -> Node | None:
    """The derivative, or None for a zero that holds everywhere."""
    slopes: dict[Node, Node | None] = {}
    for current in topological([root]):
        if current is wrt:
            slopes[current] = const(1.0)
        elif current.op == "where":
            slopes[current] = _choose(current.args[0], *(slopes[arg] for arg in current.args[1:]))
        else:
            slopes[current] = _chain(current, [slopes[arg] for arg in current.args])
    return slopes[root]


def _choose(condition: Node, a: Node | None, b: Node | None) -> Node | None:
    if a is None and b is None:
        return None
    return where(condition, _or_zero(a), _or_zero(b))


def _or_zero(slope: Node | None) -> Node:
    return const(0.0) if slope is None else slope


def _chain(current: Node, inner: Sequence[Node | None]) -> Node | None:
    op = TABLE.get(current.op)
    if op is None or op.partials is None or all(slope is None for slope in inner):
        return None
    total: Node | None = None
    for partial, slope in zip(op.partials(*current.args, current), inner, strict=True):
        if slope is not None:
            term = _times(as_node(partial), slope)
            total = term if total is None else total + term
    return total


def _times(partial: Node, slope: Node) -> Node:
    """Their product, taken inside a choice between constants, where it needs no multiplication."""
    if constant(partial) == 0:
        return const(0.0)
    if partial.op == "where" and all(_chooses_constants(branch) for branch in partial.args[1:]):
        condition, a, b = partial.args
        return where(condition, _times(a, slope), _times(b, slope))
    if constant(partial) == 1:
        return slope
    return partial * slope


def _chooses_constants(branch: Node) -> bool:
    if branch.op == "where":
        return all(_chooses_constants(inner) for inner in branch.args[1:])
    return branch.op == "const"
