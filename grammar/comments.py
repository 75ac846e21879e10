"""Comments brought back to the items and statements that they belong to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile

from lark import Token

from actdsl.grammar.builder import span_of
from actdsl.grammar.span import Span
from actdsl.grammar.tree import Activation, Comments, File, Item


@dataclass
class _Anchor:
    """What a comment can belong to: a definition, the head of an activation, or a statement.

    ``opens`` holds of what no blank line is kept above: items, and first statements.
    """

    span: Span
    is_head: bool = False
    opens: bool = False
    above: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    behind: str = ""


def attach(file: File, comments: Sequence[Token]) -> File:
    """The tree with every comment in it.

    A comment on lines of its own belongs to what follows it, one behind code to what ends on its
    line. One inside a statement moves above it, and one inside the head of an activation below the
    head, for what stands above an activation is its rationale.
    """
    anchors = [*_anchors(file), _Anchor(_after(file, comments), opens=True)]
    starts = [anchor.span for anchor in anchors]
    line_before = [0, *(anchor.span.end_line for anchor in anchors)]
    for comment in comments:
        span, text = span_of(comment), str(comment).rstrip()
        following = bisect_right(starts, span)
        last = anchors[following - 1] if following else None
        if last is not None and span < last.span.end:
            owner = anchors[following] if last.is_head else last
            owner.inside.append(text)
        elif last is not None and span.line == last.span.end_line:
            last.behind = text
        else:
            owner = anchors[following]
            if span.line - line_before[following] > 1:
                owner.above.append("")
            owner.above.append(text)
            line_before[following] = span.line
    for anchor, line in zip(anchors, line_before, strict=False):
        if anchor.span.line - line > 1:
            anchor.above.append("")
    found = iter([_comments(anchor) for anchor in anchors])
    items = tuple(_with_comments(item, found) for item in file.items)
    return File(items, next(found).above)


def _anchors(file: File) -> Iterator[_Anchor]:
    for item in file.items:
        is_head = isinstance(item, Activation)
        yield _Anchor(item.span, is_head, opens=True)
        if isinstance(item, Activation):
            for i, statement in enumerate(item.statements):
                yield _Anchor(statement.span, opens=i == 0)


def _after(file: File, comments: Sequence[Token]) -> Span:
    """A place behind everything, directly below the last comment."""
    line = 1 + max(
        [span_of(comment).line for comment in comments[-1:]]
        + [anchor.span.end_line for anchor in _anchors(file)],
        default=0,
    )
    return Span(line, 1, line, 1)


def _comments(anchor: _Anchor) -> Comments:
    above = [*anchor.above, *anchor.inside]
    if anchor.opens:
        above = [*dropwhile(lambda line: not line, above)]
    return Comments(tuple(above), anchor.behind)


def _with_comments(item: Item, found: Iterator[Comments]) -> Item:
    item = replace(item, comments=next(found))
    if isinstance(item, Activation):
        statements = tuple(replace(s, comments=next(found)) for s in item.statements)
        return replace(item, statements=statements)
    return item
