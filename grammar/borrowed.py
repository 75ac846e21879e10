"""Slips of somebody who thinks in another language, and how to say the same in this one."""

from __future__ import annotations

from lark import Token

from actdsl.grammar.builder import span_of
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.foreign import MODULES, OPERATORS, TYPOGRAPHY, WORDS
from actdsl.grammar.place import Place, Slip
from actdsl.grammar.span import Span
from actdsl.grammar.words import quote


def dotted(place: Place) -> Slip | None:
    """``math.sin(x)``, ``torch.nn.functional.gelu(x)``, ``x.abs()``."""
    first = place.previous
    if place.token != "." or first is None or first.type != "NAME" or not place.next_is("NAME"):
        return None
    prefix, last = [first], place.peek(1)
    drop, distance = 1, 1
    while (dot := place.peek(distance + 1)) is not None and dot == "." and last is not None:
        following = place.peek(distance + 2)
        if following is None or following.type != "NAME":
            break
        prefix.append(last)
        last, distance, drop = following, distance + 2, drop + 2
    assert last is not None
    dotted = ".".join(prefix)
    span = span_of(first).to(span_of(prefix[-1]))
    if str(first) in MODULES:
        help = f"drop the prefix: write {quote(last)}"
        message = f"{quote(dotted + '.' + last)} has a module's name in front"
        return Slip(Diagnostic("E0209", message, span, "not needed", help), (), drop, undo=True)
    help = f"apply a function to it: write {quote(f'{last}({dotted})')}"
    message = f"{quote(dotted)} has no attributes or methods"
    return Slip(Diagnostic("E0209", message, span, "a number, not an object", help))


def word(place: Place) -> Slip | None:
    """``lambda``, ``import`` and their like."""
    for token in (place.previous, place.token):
        if token is not None and token.type == "NAME" and str(token) in WORDS:
            message = f"the language has no {quote(token)}"
            help = WORDS[str(token)]
            return Slip(Diagnostic("E0210", message, span_of(token), help=help))
    return None


def conditional(place: Place) -> Slip | None:
    """``c ? a : b``, ``a if c else b``, ``if c: a``."""
    for token in (place.token, place.previous):
        if token is not None and token.type in ("NAME", "FOREIGN") and token in ("?", "if", "else"):
            break
    else:
        return None
    message = "a choice is written with `where`"
    help = "write `where(condition, value_if_true, value_if_false)`"
    return Slip(Diagnostic("E0207", message, span_of(token), help=help))


def symbol(place: Place) -> Slip | None:
    """Symbols that are no token of the language."""
    token = place.token
    if token.type != "FOREIGN":
        return None
    text = str(token)
    if text in TYPOGRAPHY:
        spelling = TYPOGRAPHY[text]
        message = f"{quote(text)} is not part of the language (U+{ord(text):04X})"
        diagnostic = Diagnostic("E0102", message, span_of(token), help=spelling.help)
        return Slip(diagnostic, spelling.tokens)
    if text in OPERATORS:
        spelling = OPERATORS[text]
        message = f"the language has no {quote(text)}"
        diagnostic = Diagnostic("E0206", message, span_of(token), help=spelling.help)
        return Slip(diagnostic, spelling.tokens)
    if text[0] in "\"'" and len(text) > 1:
        help = "text belongs in a comment: `# ...`"
        diagnostic = Diagnostic("E0101", "the language has no strings", span_of(token), help=help)
        return Slip(diagnostic, () if "LET" in place.accepts else None)
    span, drop = span_of(token), 1
    while (following := place.peek(drop)) is not None and _joins(following, span):
        span, drop = span.to(span_of(following)), drop + 1
    message = f"unknown character {quote(text)} (U+{ord(text[0]):04X})"
    help = "names are made of ASCII letters, digits and `_`" if text.isalpha() else "delete it"
    return Slip(Diagnostic("E0101", message, span, help=help), drop=drop)


def _joins(token: Token, span: Span) -> bool:
    start = span_of(token)
    known = str(token) in TYPOGRAPHY or str(token) in OPERATORS
    touches = (start.line, start.column) == (span.end_line, span.end_column)
    return token.type == "FOREIGN" and touches and not known


def annotation(place: Place) -> Slip | None:
    """``activation f(x: Tensor):``, ``let a: float = 1``."""
    if place.token.type != "COLON" or not place.next_is("NAME"):
        return None
    after_name = place.previous is not None and place.previous.type == "NAME"
    if not after_name or not {"COMMA", "EQUAL"} & place.accepts:
        return None
    span = span_of(place.token)
    following = place.peek()
    if following is not None:
        span = span.to(span_of(following))
    message = "the language has no type annotations"
    diagnostic = Diagnostic("E0218", message, span, help="delete it: every value is a number")
    return Slip(diagnostic, (), drop=2)


def equal_sign(place: Place) -> Slip | None:
    """``f(x, alpha = 1)``, ``where(x = 0, a, b)``."""
    if place.token.type != "EQUAL" or not place.after_expression:
        return None
    span = span_of(place.token)
    inside = place.open[-1].callee if place.open else ""
    named = place.previous is not None and place.previous.type == "NAME"
    if inside not in ("", "where") and named:
        assert place.previous is not None
        message = "arguments are given by position, not by name"
        help = f"leave out {quote(f'{place.previous} =')}"
        span = span_of(place.previous).to(span)
        return Slip(Diagnostic("E0220", message, span, help=help), (), undo=True)
    message = "`=` gives a name its value; it does not compare"
    help = "write `==` to compare"
    return Slip(Diagnostic("E0205", message, span, help=help), (("COMPARISON", "=="),))


def operator(place: Place) -> Slip | None:
    """``a // b``, ``+x``, ``a += b``, ``a <> b``."""
    token, previous = place.token, place.previous
    if previous is None:
        return None
    span, touching = span_of(token), place.touches_previous
    pair = f"{previous}{token}"
    if touching and pair in ("//", "<>", "=>", "=<"):
        span = span_of(previous).to(span)
        help = {"//": "write `floor(a / b)`", "<>": "write `!=`", "=>": "write `>=`",
                "=<": "write `<=`"}[pair]  # fmt: skip
        return Slip(Diagnostic("E0206", f"the language has no {quote(pair)}", span, help=help), ())
    if touching and token.type == "EQUAL" and previous.type in ("PLUS", "MINUS", "STAR", "SLASH"):
        span = span_of(previous).to(span)
        message = f"the language has no {quote(pair)}"
        help = "a name keeps its value; write `let name = ...` with a new name"
        return Slip(Diagnostic("E0206", message, span, help=help))
    if token.type == "PLUS" and "MINUS" in place.accepts:
        message = "there is no plus sign in front of a value"
        return Slip(Diagnostic("E0206", message, span, help="delete the `+`"), ())
    return None
