"""The canonical form: one text for one tree, with every comment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actdsl.grammar import format_text, parse
from actdsl.grammar.formatter import format_number
from actdsl.grammar.parser import read


def formatted(expression: str) -> str:
    text = format_text(f"activation f(x, y): return {expression}")
    return text.partition("return ")[2].rstrip("\n")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("x-(y-1)", "x - (y - 1)"),
        ("(x-y)-1", "x - y - 1"),
        ("x*(y*2)", "x * (y * 2)"),
        ("(x*y)*2", "x * y * 2"),
        ("x/(y*2)", "x / (y * 2)"),
        ("(x+1)*y", "(x + 1) * y"),
        ("x+(1*y)", "x + 1 * y"),
        ("(-x)**2", "(-x)**2"),
        ("-(x**2)", "-x**2"),
        ("(-2)**2", "(-2)**2"),
        ("-2**2", "-2**2"),
        ("(x**y)**2", "(x**y)**2"),
        ("x^(y^2)", "x**y**2"),
        ("2**(-x)", "2**-x"),
        ("2**(x+1)", "2**(x + 1)"),
        ("-(2)", "-(2)"),
        ("- - x", "--x"),
        ("-(-2)", "--2"),
        ("x - -2", "x - -2"),
        ("-(x*y)", "-(x * y)"),
        ("(-x)*y", "-x * y"),
        ("((((x))))", "x"),
        ("sin((x))", "sin(x)"),
        ("where((x<1)and not(y>=2)or x==y,x,y)", "where(x < 1 and not y >= 2 or x == y, x, y)"),
        ("where(x<1 and(y<2 or x!=y),x,y)", "where(x < 1 and (y < 2 or x != y), x, y)"),
        ("where(not(x<1 and y<2),x,y)", "where(not (x < 1 and y < 2), x, y)"),
        ("x + 1.50 + 2. + .5 + 1E+3 + 1e-9", "x + 1.5 + 2 + 0.5 + 1000 + 1e-9"),
    ],
)
def test_canonical_expression(written: str, canonical: str) -> None:
    assert formatted(written) == canonical
    assert formatted(canonical) == canonical
    meaning = "def f(u) = u\nactivation g(x, y): return {}"
    assert (
        parse(meaning.format(written)).program.body is parse(meaning.format(canonical)).program.body
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "-0"), (2.0, "2"), (0.1, "0.1"), (1e-3, "0.001"), (1e-9, "1e-9"),
        (1e300, "1e300"), (1e16, "1e16"), (123456.0, "123456"), (-2.5e-7, "-2.5e-7"),
        (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e308"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert format_number(value) == text


@settings(derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    assert float(format_number(value)).hex() == value.hex()


MESSY = """\
# licence

  # why it
#   exists
activation   f( x,gate # not the rationale
 ) :   # head
   # first
   param p=0.5 in[0 ,1]per  channel # p

   # above, inside, behind
   let s = (x # inside
      + p) # behind
   return s*gate
"""

CANONICAL = """\
# licence

# why it
#   exists
activation f(x, gate):  # head
    # first
    # not the rationale
    param p = 0.5 in [0, 1] per channel  # p

    # above, inside, behind
    # inside
    let s = x + p  # behind
    return s * gate
"""


def test_comments_and_spacing() -> None:
    assert format_text(MESSY) == CANONICAL
    assert format_text(CANONICAL) == CANONICAL
    assert parse(MESSY).program.rationale == "why it\n  exists"
    assert parse(CANONICAL).program == parse(MESSY).program


def test_comments_of_a_file() -> None:
    text = "def g(u)=u#g\n\n\n\n#a\n#b\n\n#c\nactivation f(x):return g(x)#end\n#foot\n\n#er\n"
    canonical = (
        "def g(u) = u  #g\n\n#a\n#b\n\n#c\nactivation f(x):\n    return g(x)  #end\n"
        "\n#foot\n\n#er\n"
    )
    assert format_text(text) == canonical
    assert format_text(canonical) == canonical


def test_blank_lines_between_statements_are_kept_as_one() -> None:
    text = "activation f(x):\n\n\n    let a = x\n\n\n    let b = a\n    return b\n"
    canonical = "activation f(x):\n    let a = x\n\n    let b = a\n    return b\n"
    assert format_text(text) == canonical


@pytest.mark.parametrize(
    ("text", "rationale"),
    [
        ("# why\nactivation f(x): return x", "why"),
        ("# why\n\nactivation f(x): return x", "why"),
        ("# licence\n\n# why\nactivation f(x): return x", "why"),
        ("# why\ndef g(u) = u\n\nactivation f(x): return g(x)", "why"),
        ("# g\ndef g(u) = u\n# why\nactivation f(x): return g(x)", "why"),
        ("#why\n#\n#   not\nactivation f(x): return x", "why\n\n  not"),
        ("activation f(x): # no\n return x", ""),
    ],
)
def test_rationale(text: str, rationale: str) -> None:
    assert parse(text).program.rationale == rationale
    assert parse(format_text(text)).program.rationale == rationale


PIECES = st.sampled_from(
    ["# c\n", "\n", " ", "\n\n", "#\n", "def g(u) = u ", "activation f(x): ", "let a = x ",
     "param p = 1 ", "return x ", "return (x + ", "1) ", "per channel "]
)  # fmt: skip


@settings(derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join).map(lambda text: text + "\n"))
def test_formatting_is_idempotent_and_loses_no_comment(text: str) -> None:
    if read(text).diagnostics:
        return
    once = format_text(text)
    assert format_text(once) == once
    assert once.count("#") == text.count("#")


def test_what_means_nothing_can_still_be_formatted() -> None:
    text = "activation f(x): return unknown( y )"
    assert format_text(text) == "activation f(x):\n    return unknown(y)\n"


def test_empty_text() -> None:
    assert format_text("") == ""
    assert format_text("  \n # only a comment \n") == "# only a comment\n"
