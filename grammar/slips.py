"""Slips of the pen, recognised where the parser stops, each with a name and a way out."""

from __future__ import annotations

from actdsl.grammar import borrowed
from actdsl.grammar.builder import span_of
from actdsl.grammar.diagnostic import Diagnostic, Label
from actdsl.grammar.place import EXPRESSIONS, ITEMS, KEYWORDS, STATEMENTS, Place, Recogniser, Slip
from actdsl.grammar.words import expected, quote


def recognise(place: Place) -> Slip:
    """The first slip that fits; "unexpected token" fits always."""
    for recogniser in _RECOGNISERS:
        slip = recogniser(place)
        if slip is not None:
            return slip
    return _unexpected(place)


def _malformed_number(place: Place) -> Slip | None:
    """``1e``, ``1.2.3``, ``1_000``, ``0x1f``, ``2f``."""
    number, token = place.previous, place.token
    if number is None or number.type != "NUMBER" or not place.touches_previous:
        return None
    span = span_of(number).to(span_of(token))
    text = f"{number}{token}"
    if token.type == "NUMBER":
        help = "a number has one decimal point"
    elif token.type != "NAME":
        return None
    elif token.startswith("_"):
        help = f"write {quote(text.replace('_', ''))}"
    elif number == "0" and token[0] in "xXbBoO":
        help = "write the number in decimal digits"
    elif token in ("e", "E"):
        help = f"write `{number}e-3` for a power of ten, `{number} * e` for a product with e"
    elif token in ("f", "F", "L", "j"):
        help = f"write `{number}`, or `{number} * {token}` for a product"
    else:
        return None
    return Slip(Diagnostic("E0103", f"{quote(text)} is not a number", span, help=help), ())


def _keyword_as_name(place: Place) -> Slip | None:
    """``let return = 1``, ``activation f(in):``."""
    if place.token.type not in KEYWORDS or "NAME" not in place.accepts:
        return None
    in_head = "NUMBER" not in place.accepts
    if in_head and not place.next_is("EQUAL", "COMMA", "RPAR", "LPAR"):
        return None
    if not in_head and place.token.type not in ("IN", "PER", "CHANNEL"):
        return None
    message = f"{quote(place.token)} is a word of the language and cannot be a name"
    help = f"choose another name, such as {quote(place.token + '_')}"
    diagnostic = Diagnostic("E0216", message, span_of(place.token), help=help)
    return Slip(diagnostic, (("NAME", str(place.token)),) if in_head else None)


def _head(place: Place) -> Slip | None:
    """The head of a definition with an activation's colon, or the other way round, or neither."""
    token, span = place.token, span_of(place.token)
    if place.accepts == {"EQUAL"} and token.type == "COLON":
        message = "a definition is one expression after `=`"
        help = "write `def name(u) = expression`; only an activation has statements"
        drop = 2 if place.next_is("RETURN") else 1
        return Slip(Diagnostic("E0219", message, span, help=help), (("EQUAL", "="),), drop)
    if place.accepts != {"COLON"}:
        return None
    if token.type == "EQUAL":
        message = "an activation has a colon and statements"
        help = "write `activation name(x): return expression`"
        instead = (("COLON", ":"), ("RETURN", "return"))
        return Slip(Diagnostic("E0219", message, span, help=help), instead)
    if token.type in STATEMENTS | EXPRESSIONS | {"MINUS", "NOT"}:
        message = "the head of an activation ends with a colon"
        diagnostic = Diagnostic("E0211", message, place.behind, "expected `:`", "add `:` here")
        return Slip(diagnostic, (("COLON", ":"),), drop=0)
    return None


def _missing_let(place: Place) -> Slip | None:
    """``y = x + 1`` as a statement."""
    if place.token.type != "NAME" or not place.next_is("EQUAL") or "LET" not in place.accepts:
        return None
    if not place.on_new_line and place.after_expression:
        return None
    message = f"{quote(place.token)} is given a value without `let`"
    help = f"write {quote(f'let {place.token} = ...')}"
    return Slip(Diagnostic("E0217", message, span_of(place.token), help=help), (("LET", "let"),), 0)


def _missing_return(place: Place) -> Slip | None:
    """An expression where a statement belongs."""
    if place.token.type not in EXPRESSIONS | {"MINUS", "NOT"} or "RETURN" not in place.accepts:
        return None
    if place.after_expression and (place.statement == "RETURN" or not place.on_new_line):
        return None
    message = "this expression has no `return` in front of it"
    help = "write `return` before the activation's result"
    diagnostic = Diagnostic("E0214", message, span_of(place.token), "the output?", help)
    return Slip(diagnostic, (("RETURN", "return"),), drop=0)


def _implicit_product(place: Place) -> Slip | None:
    """``2x``, ``2 (x + 1)``, ``(a)(b)``."""
    if place.token.type not in EXPRESSIONS or not place.after_expression or place.on_new_line:
        return None
    assert place.previous is not None
    left = str(place.previous) if place.previous.type in ("NUMBER", "NAME") else "(...)"
    right = str(place.token) if place.token.type in ("NUMBER", "NAME") else "(...)"
    message = "a product needs its `*`"
    help = f"write {quote(f'{left} * {right}')}"
    label = "expected an operator before this"
    diagnostic = Diagnostic("E0204", message, span_of(place.token), label, help)
    return Slip(diagnostic, (("STAR", "*"),), drop=0)


def _chained_comparison(place: Place) -> Slip | None:
    """``a < b < c``."""
    if place.token.type != "COMPARISON" or not place.after_expression:
        return None
    message = "comparisons do not chain"
    help = "write `a < b and b < c`"
    diagnostic = Diagnostic("E0208", message, span_of(place.token), "a second comparison", help)
    return Slip(diagnostic)


def _parenthesis(place: Place) -> Slip | None:
    """One closed that is not open, or left open."""
    token = place.token
    if token.type == "RPAR" and not place.open:
        message = "this parenthesis closes nothing"
        help = "delete it, or open one before"
        return Slip(Diagnostic("E0203", message, span_of(token), help=help), ())
    if not place.open or token.type not in STATEMENTS | ITEMS | {"$END"}:
        return None
    opening = place.open[-1].token
    closing = ")" if opening.type == "LPAR" else "]"
    end = Label(place.behind, f"expected `{closing}` here or before")
    message = f"this {'parenthesis' if closing == ')' else 'bracket'} is never closed"
    help = f"add `{closing}`"
    return Slip(Diagnostic("E0202", message, span_of(opening), "opened here", help, (end,)))


def _unexpected(place: Place) -> Slip:
    found = "the end of the file" if place.token.type == "$END" else quote(place.token)
    message = f"expected {expected(place.accepts)}, found {found}"
    return Slip(Diagnostic("E0201", message, span_of(place.token)))


_RECOGNISERS: tuple[Recogniser, ...] = (
    borrowed.dotted,
    borrowed.conditional,
    borrowed.word,
    borrowed.symbol,
    _malformed_number,
    _parenthesis,
    _keyword_as_name,
    borrowed.annotation,
    _head,
    _missing_let,
    _missing_return,
    _implicit_product,
    borrowed.equal_sign,
    borrowed.operator,
    _chained_comparison,
)
