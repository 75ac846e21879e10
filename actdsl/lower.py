"""From what was written to what a kernel computes: the passes, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from actdsl.expand import expand
from actdsl.ir import Node, const, constant, node, topological, transform
from actdsl.ops.functions import mean, sign, sqrt, square, where
from actdsl.rewrite import rewrite


def lower(root: Node) -> Node:
    """The graph without calls, ``var`` and ``std``, after the rewrite rules."""
    return rewrite(statistics_as_means(expand(root)))


def without_stopgrad(root: Node) -> Node:
    """The graph without ``stopgrad``, which means something to the derivative alone."""
    return transform(root, lambda n: n.args[0] if n.op == "stopgrad" else None)


def settling_quotients(root: Node) -> Node:
    """The graph with the derivative of n / (c + n) and of n / (c + |n|) as c / (c + ...)**2.

    As the quotient rule writes it, it is a difference of two numbers that nearly cancel in the
    tails, and at an infinite n it is NaN, not 0.
    """

    def rule(current: Node) -> Node | None:
        if current.op != "add":
            return None
        for inverse, rest in (current.args, current.args[::-1]):
            if (found := _settled(inverse, rest)) is not None:
                return found
        return None

    return transform(root, rule)


def _settled(inverse: Node, rest: Node) -> Node | None:
    """c / d**2 for 1 / d and -(n / d) / d * s, where d is c + n and s is 1, or c + |n| and sign n."""
    if inverse.op != "div" or constant(inverse.args[0]) != 1.0 or inverse.args[1].op != "add":
        return None
    start, growth = inverse.args[1].args
    if constant(start) is None:
        return None
    numerator = growth.args[0] if growth.op == "abs" else growth
    expected = -(numerator / inverse.args[1]) / inverse.args[1]
    if growth.op == "abs":
        expected = expected * sign(numerator)
    return start * (inverse * inverse) if rest is expected else None


def sharing_signs(roots: Sequence[Node]) -> list[Node]:
    """Some roots with ``-c * x`` as ``-(c * x)`` wherever ``c * x`` is computed too.

    What even and odd functions of both begin with is then the same.
    """
    products = {n.args for n in topological(roots) if n.op == "mul"}

    def rule(current: Node) -> Node | None:
        if current.op != "mul" or (factor := constant(current.args[0])) is None or factor >= 0:
            return None
        opposite = const(-factor), current.args[1]
        return node("neg", (node("mul", opposite),)) if opposite in products else None

    return [transform(root, rule) for root in roots]


def sharing_inverses(roots: Sequence[Node]) -> list[Node]:
    """Some roots with ``a / d`` and ``b / d`` as ``a * (1 / d)`` and ``b * (1 / d)``.

    So they share a division; and one by what is the same for all elements, a parameter or a
    statistic, is done once and for all. The product is rounded once more than the quotient.
    """
    below = topological(roots)
    divisors = Counter(n.args[1] for n in below if n.op == "div" and n.args[1].op != "const")

    def rule(current: Node) -> Node | None:
        if current.op != "div" or constant(current.args[0]) == 1.0:
            return None
        dividend, divisor = current.args
        shared = divisors[divisor] > 1 or (divisor in divisors and not _varies(divisor))
        return dividend * (1.0 / divisor) if shared else None

    return [transform(root, rule) for root in roots]


def _varies(root: Node) -> bool:
    """Whether a value may differ from element to element; a statistic of all elements does not."""
    statistics = {n: None for n in topological([root]) if n.attr == "all"}
    return any(n.op == "input" for n in topological([root], known=statistics))


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
