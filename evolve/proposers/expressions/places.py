"""Places in a graph where an operand can be taken out and another put in."""

from __future__ import annotations

from dataclasses import dataclass

from actdsl.ir import Node, constant, node, topological


@dataclass(frozen=True, slots=True)
class Place:
    """One operand of one node, or, without a user, the root of the graph."""

    user: Node | None
    index: int
    operand: Node


def places(root: Node) -> list[Place]:
    """The root's place first, then every operand of every node; as many as the graph has edges."""
    inner = [Place(n, i, arg) for n in topological([root]) for i, arg in enumerate(n.args)]
    return [Place(None, 0, root), *inner]


def put(root: Node, place: Place, operand: Node) -> Node:
    """The graph with another operand in a place."""
    if place.user is None:
        return operand
    user = place.user
    args = (*user.args[: place.index], operand, *user.args[place.index + 1 :])
    return replaced(root, user, node(user.op, args, user.attr, user.type))


def is_free_constant(place: Place) -> bool:
    """A constant that may be any number, unlike an exponent, which NaN would follow."""
    exponent = place.user is not None and place.user.op == "pow" and place.index == 1
    return constant(place.operand) is not None and not exponent


def replaced(root: Node, old: Node, new: Node) -> Node:
    """The graph with one node replaced; inside the new node the old one stays as it is."""
    done: dict[Node, Node] = {}
    for current in topological([root]):
        args = tuple(done[arg] for arg in current.args)
        done[current] = (
            new if current is old else node(current.op, args, current.attr, current.type)
        )
    return done[root]


def size(root: Node) -> int:
    """Distinct nodes, a call counting as one."""
    return len(topological([root]))
