"""Calls replaced by the bodies of what they call."""

from __future__ import annotations

from actdsl.ir import Function, Node, substitute, topological, transform


def expand(root: Node) -> Node:
    """The same value without ``call`` nodes; sharing is kept."""

    def inline(current: Node) -> Node | None:
        if not isinstance(current.attr, Function):
            return None
        function = current.attr
        body = expand(function.body)
        return substitute(body, dict(zip(function.inputs, current.args, strict=True)))

    return transform(root, inline)


def expanded_size(root: Node) -> int:
    """An upper bound of the nodes that :func:`expand` would make, without making them.

    Functions that call functions can grow exponentially in the length of the text; this is
    computed in time linear in it.
    """
    sizes: dict[Function, int] = {}

    def size(body: Node) -> int:
        total = 0
        for current in topological([body]):
            if isinstance(current.attr, Function):
                if current.attr not in sizes:
                    sizes[current.attr] = size(current.attr.body)
                total += sizes[current.attr]
            else:
                total += 1
        return total

    return size(root)
