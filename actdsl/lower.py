"""From what was written to what a kernel computes: the passes, in order."""

from __future__ import annotations

from actdsl.expand import expand
from actdsl.ir import Node, transform
from actdsl.ops.functions import mean, sqrt, square, where
from actdsl.rewrite import rewrite


def lower(root: Node) -> Node:
    """The graph without calls, ``var`` and ``std``, after the rewrite rules."""
    return rewrite(statistics_as_means(expand(root)))


def without_stopgrad(root: Node) -> Node:
    """The graph without ``stopgrad``, which means something to the derivative alone."""
    return transform(root, lambda n: n.args[0] if n.op == "stopgrad" else None)


def statistics_as_means(root: Node) -> Node:
    """Variances as means of squared deviations: two passes over the data, but no cancellation."""

    def rule(current: Node) -> Node | None:
        if current.op not in ("var", "std"):
            return None
        (operand,) = current.args
        centre = mean(operand, attr=current.attr)
        variance = mean(square(operand - centre), attr=current.attr)
        if current.op == "var":
            return variance
        # At 0 the root's slope is infinite; the other branch gives the derivative 0, as torch does.
        return where(variance > 0.0, sqrt(variance), variance)

    return transform(root, rule)
