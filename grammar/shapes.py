"""The pieces that grammars for writing are made of, whatever notation they are printed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly this."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """Characters of a class, as ``a-z0-9``: printable ASCII without ``]``, ``\\`` and ``^``."""

    members: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What another rule gives."""

    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One part after another."""

    parts: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options."""

    options: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times over."""

    part: Shape
    least: int
    most: int


Shape = Text | Chars | Rule | Row | Choice | Repeat


def row(*parts: Shape | str) -> Shape:
    """One part after another; a string stands for itself."""
    return Row(tuple(map(_shape, parts)))


def one_of(*options: Shape | str) -> Shape:
    """Any of the options; a string stands for itself."""
    return Choice(tuple(map(_shape, options)))


def optional(*parts: Shape | str) -> Shape:
    """The parts, or nothing."""
    return Repeat(row(*parts), 0, 1)


def _shape(part: Shape | str) -> Shape:
    return Text(part) if isinstance(part, str) else part
