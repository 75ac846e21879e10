"""Diagnostics as text and as data."""

from __future__ import annotations

import pickle
import re

import pytest

from actdsl.grammar import Diagnostic, SourceError, Span, as_json, parse, render
from actdsl.grammar.diagnostic import Label


def error(span: Span, **more: object) -> Diagnostic:
    return Diagnostic("E0201", "message", span, **more)  # type: ignore[arg-type]


def test_json_has_the_documented_keys() -> None:
    with pytest.raises(SourceError) as caught:
        parse("activation f(x):\n    return sine(x)")
    (diagnostic,) = caught.value.diagnostics
    assert as_json(diagnostic) == {
        "code": "E0302",
        "severity": "error",
        "message": "there is no function `sine`",
        "line": 2,
        "column": 12,
        "end_line": 2,
        "end_column": 16,
        "help": "did you mean `sin`?",
    }


def test_tabs_and_marks_agree() -> None:
    line, marks = render([error(Span(1, 4, 1, 6))], "\ta\tbc").splitlines()[3:5]
    assert line == "1 |     a    bc"
    assert marks.index("^") == line.index("b")


def test_long_lines_are_cropped_around_the_mark() -> None:
    source = "x" * 500 + "HERE" + "y" * 500
    line, marks = render([error(Span(1, 501, 1, 505))], source).splitlines()[3:5]
    assert len(line) < 120
    start = marks.index("^")
    assert line[start : marks.rindex("^") + 1] == "HERE"


def test_a_span_of_several_lines_is_marked_on_the_first() -> None:
    lines = render([error(Span(1, 3, 2, 2))], "ab(cd\ne)").splitlines()
    assert lines[3:5] == ["1 | ab(cd", "  |   ^^^"]


def test_two_places_stand_in_order() -> None:
    diagnostic = error(Span(5, 1, 5, 2), related=(Label(Span(1, 1, 1, 2), "first"),))
    lines = render([diagnostic], "a\nb\nc\nd\ne").splitlines()
    assert lines[3:] == ["1 | a", "  | - first", "...", "5 | e", "  | ^"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    with pytest.raises(SourceError) as caught:
        parse("activation f(x): return x \x1b[31m \u202e \ud800")
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))


def test_twenty_are_shown() -> None:
    text = render([error(Span(1, 1, 1, 2))] * 25, "a")
    assert text.count("error[E0201]") == 20
    assert text.endswith("\n\nand 5 more")


def test_colour_only_adds_escapes() -> None:
    diagnostic = error(Span(1, 1, 1, 2), label="here", help="help")
    coloured = render([diagnostic], "a", colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render([diagnostic], "a")


def test_the_exception_shows_the_diagnostics_and_can_be_pickled() -> None:
    with pytest.raises(SourceError) as caught:
        parse("activation f(x): return", "f.act")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert " --> f.act:1:24" in str(again)
