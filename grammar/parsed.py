"""A source text, parsed: the program that it means, and all that was seen on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.formatter import format_file
from actdsl.grammar.parser import read
from actdsl.grammar.prelude import PRELUDE
from actdsl.grammar.resolve import resolve
from actdsl.grammar.source import normalised
from actdsl.grammar.source_error import SourceError
from actdsl.grammar.span import Span
from actdsl.grammar.tree import File
from actdsl.ir import Node
from actdsl.program import Program


@dataclass(frozen=True, slots=True)
class Parsed:
    """A source text without errors.

    Attributes:
        program: what it means.
        tree: what it says, comments included.
        warnings: what may not have been meant.
        spans: where each node of the program was first written.
        source: the text, with ``\\n`` line ends.
        filename: what diagnostics call it.
    """

    program: Program
    tree: File
    warnings: tuple[Diagnostic, ...]
    spans: Mapping[Node, Span]
    source: str
    filename: str


def format_text(text: str, filename: str = "<text>") -> str:
    """The canonical form of a text: the same tree, one spacing, every comment.

    Raises:
        SourceError: the text cannot be read. (It need not mean anything.)
    """
    source = normalised(text, filename)
    reading = read(source)
    if reading.diagnostics:
        raise SourceError(reading.diagnostics, source, filename)
    return format_file(reading.file)


def parse(text: str, filename: str = "<text>") -> Parsed:
    """Reads the text of an activation.

    Raises:
        SourceError: the text has no meaning; all that is wrong with it is in ``.diagnostics``.
    """
    source = normalised(text, filename)
    reading = read(source)
    found = resolve(reading.file, PRELUDE, reading.lost)
    diagnostics = sorted(reading.diagnostics + found.diagnostics, key=lambda d: d.span)
    errors = tuple(d for d in diagnostics if d.is_error)
    if errors or found.program is None:
        raise SourceError(errors, source, filename)
    program = replace(found.program, text=format_file(reading.file))
    return Parsed(program, reading.file, tuple(diagnostics), found.spans, source, filename)
