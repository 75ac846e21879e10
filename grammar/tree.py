"""The syntax tree: what the text says, before it is asked whether that means anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from actdsl.grammar.span import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; a minus directly before its digits belongs to it."""

    value: float
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Name:
    """A name, whatever it turns out to stand for."""

    text: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Unary:
    """A prefix operator, by its name in the op table: ``neg`` or ``not``."""

    op: str
    operand: Expression
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Binary:
    """An infix operator, by its name in the op table."""

    op: str
    left: Expression
    right: Expression
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments."""

    function: Name
    arguments: tuple[Expression, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses. They keep ``-(2)`` apart from ``-2`` and mean nothing else."""

    inner: Expression
    span: Span = NOWHERE


Expression = Number | Name | Unary | Binary | Call | Group


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments that belong to an item or a statement.

    Attributes:
        above: lines before it, each with its ``#``; an empty one stands for any blank ones.
        behind: the comment after it on its last line, or the empty string.
    """

    above: tuple[str, ...] = ()
    behind: str = ""


NO_COMMENTS = Comments()


@dataclass(frozen=True, slots=True)
class Param:
    """``param name = initial in [lower, upper] per channel``."""

    name: Name
    initial: Expression
    bounds: tuple[Expression, Expression] | None
    per_channel: bool
    span: Span = NOWHERE
    comments: Comments = NO_COMMENTS


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = value``."""

    name: Name
    value: Expression
    span: Span = NOWHERE
    comments: Comments = NO_COMMENTS


@dataclass(frozen=True, slots=True)
class Return:
    """``return value``."""

    value: Expression
    span: Span = NOWHERE
    comments: Comments = NO_COMMENTS


Statement = Param | Let | Return


@dataclass(frozen=True, slots=True)
class Formal:
    """An argument in the head of a definition, with its default if it has one."""

    name: Name
    default: Expression | None = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Def:
    """``def name(formals) = body``."""

    name: Name
    formals: tuple[Formal, ...]
    body: Expression
    span: Span = NOWHERE
    comments: Comments = NO_COMMENTS


@dataclass(frozen=True, slots=True)
class Activation:
    """``activation name(inputs):`` and its statements; ``span`` is that of the head alone."""

    name: Name
    inputs: tuple[Name, ...]
    statements: tuple[Statement, ...]
    span: Span = NOWHERE
    comments: Comments = NO_COMMENTS


Item = Def | Activation


@dataclass(frozen=True, slots=True)
class File:
    """A whole source text; ``comments`` are those after its last item."""

    items: tuple[Item, ...]
    comments: tuple[str, ...] = ()


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that one is made of."""
    match expression:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case Group(inner=inner):
            return (inner,)
        case _:
            return ()


def postorder(
    root: Expression,
    below: Callable[[Expression], tuple[Expression, ...]] = children,
) -> Iterator[Expression]:
    """Every expression in the tree, parts before wholes, however deep it is."""
    stack = [(root, False)]
    while stack:
        expression, ready = stack.pop()
        if ready:
            yield expression
        else:
            stack.append((expression, True))
            stack.extend((child, False) for child in reversed(below(expression)))


def ungrouped(expression: Expression) -> Expression:
    """The expression without parentheses around it."""
    while isinstance(expression, Group):
        expression = expression.inner
    return expression


def height(root: Expression) -> int:
    """Operators and calls on the longest way from the expression to one of its leaves.

    A call of n arguments counts as n - 1, which is what ``min(a, b, c, ...)`` comes to.
    """
    heights: dict[int, int] = {}
    for expression in postorder(root):
        below = [heights[id(child)] for child in children(expression)]
        step = 0 if isinstance(expression, Group) or not below else max(1, len(below) - 1)
        heights[id(expression)] = step + max(below, default=0)
    return heights[id(root)]


def expressions(part: Item | Statement) -> tuple[Expression, ...]:
    """The expressions in a definition or a statement, or in all statements of an activation."""
    match part:
        case Def(formals=formals, body=body):
            return (*(f.default for f in formals if f.default is not None), body)
        case Activation(statements=statements):
            return tuple(e for statement in statements for e in expressions(statement))
        case Param(initial=initial, bounds=bounds):
            return (initial, *(bounds or ()))
        case Let(value=value) | Return(value=value):
            return (value,)
