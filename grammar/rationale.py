"""What comments say of the item below them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from actdsl.grammar.tree import Activation, Comments, File


def rationale(file: File) -> str:
    """Why the activation exists: the comment directly above it, or the one that opens the file."""
    for item in file.items:
        if isinstance(item, Activation):
            return documentation(item.comments) or _opening(file.items[0].comments)
    return ""


def documentation(comments: Comments) -> str:
    """The comment directly above an item, without the ``#``."""
    block = [*takewhile(bool, reversed(comments.above))]
    return _text(reversed(block))


def as_comment(text: str) -> tuple[str, ...]:
    """Comment lines that say the text, the inverse of :func:`documentation`."""
    if not text:
        return ()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(f"# {_printable(line)}".rstrip() for line in lines)


def _opening(comments: Comments) -> str:
    return _text(takewhile(bool, comments.above))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def _printable(line: str) -> str:
    return "".join(c for c in line if c.isprintable() or c == "\t")
