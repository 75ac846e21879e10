"""Diagnostics for people, beside the source line they speak of, and for tools."""

from __future__ import annotations

from collections.abc import Sequence

from actdsl.grammar import limits
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.span import Span

_WIDTH = 100
_LEAD = 40  # columns kept on the left of a mark when a long line is cropped
_STYLES = {"error": "1;31", "warning": "1;33", "place": "1;34", "bold": "1"}


def render(
    diagnostics: Sequence[Diagnostic],
    source: str,
    filename: str = "<text>",
    *,
    colour: bool = False,
) -> str:
    """The diagnostics as text, in the manner of rustc; at most 20 of them, then their number.

    ``colour`` adds ANSI escapes.
    """
    lines = source.split("\n")
    shown = [_one(d, lines, filename, colour) for d in diagnostics[: limits.ERRORS_SHOWN]]
    more = len(diagnostics) - len(shown)
    if more > 0:
        shown.append(f"and {more} more")
    return "\n\n".join(shown)


def as_json(diagnostic: Diagnostic) -> dict[str, str | int]:
    """The diagnostic as the record that ``actdsl check --json`` prints."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "help": diagnostic.help,
    }


def _one(diagnostic: Diagnostic, lines: list[str], filename: str, colour: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour and text else text

    severity, span = diagnostic.severity, diagnostic.span
    marks: list[tuple[Span, str, str, str]] = [(span, "^", diagnostic.label, severity)]
    marks += [(label.span, "-", label.text, "place") for label in diagnostic.related]
    marks = sorted((m for m in marks if m[0].line <= len(lines)), key=lambda mark: mark[0])
    gutter = " " * len(str(max([mark[0].line for mark in marks], default=1)))
    bar = paint("|", "place")
    head = paint(f"{severity}[{diagnostic.code}]", severity)
    out = [
        head + paint(f": {diagnostic.message}", "bold"),
        f"{gutter}{paint('-->', 'place')} {filename}:{span.line}:{span.column}",
    ]
    if any(lines):
        out.append(f"{gutter} {bar}")
        drawn = 0
        for place, character, label, style in marks:
            text, pad, width = _excerpt(lines[place.line - 1], place)
            if drawn and place.line > drawn + 1:
                out.append(paint("...", "place"))
            if place.line != drawn:
                number = str(place.line).rjust(len(gutter))
                out.append(f"{paint(number, 'place')} {bar} {text}".rstrip())
            mark = f"{character * width} {label}".rstrip()
            out.append(f"{gutter} {bar} {pad}{paint(mark, style)}")
            drawn = place.line
    if diagnostic.help:
        out += [f"{gutter} {bar}"] if any(lines) else []
        out.append(f"{gutter} {paint('=', 'place')} {paint('help', 'bold')}: {diagnostic.help}")
    return "\n".join(out)


def _excerpt(line: str, span: Span) -> tuple[str, str, int]:
    """The part of a line to show, the space before the mark, and the mark's width."""
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    width = max(1, end - start)
    left = 0
    if len(line) > _WIDTH and start > _LEAD:
        left = start - _LEAD
    shown = _printable(line[left : left + _WIDTH])
    before = _printable(line[left:start])
    if left:
        shown, before = "… " + shown, "  " + before
    if left + _WIDTH < len(line):
        shown += " …"
    return shown, " " * len(before), min(width, max(1, left + _WIDTH - start))


def _printable(text: str) -> str:
    """Tabs as four columns, and nothing that a terminal would act upon."""
    return "".join(c if c.isprintable() else "    " if c == "\t" else "�" for c in text)
