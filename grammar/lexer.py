"""From text to tokens."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token

from actdsl.cache_directory import cache_directory
from actdsl.grammar import limits
from actdsl.grammar.builder import Builder, span_of
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.span import NOWHERE
from actdsl.grammar.words import quote

GRAMMAR = Path(__file__).with_name("act.lark")


class _Foreigners:
    """Has the lexer keep the tokens that no rule uses, through Lark's hook for such wishes."""

    always_accept = ("COMMENT", "FOREIGN")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def lark() -> Lark:
    """The machine that ``act.lark`` describes."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start="file",
        parser="lalr",
        lexer="basic",  # a keyword is one everywhere; a contextual lexer would read `let let = 1`
        transformer=Builder(),
        postlex=_Foreigners(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=_tables(),
    )


def _tables() -> str | bool:
    """The file where Lark keeps the tables it makes of the grammar, or False for none.

    Lark makes them anew where they are of another grammar, another version, or damaged.
    """
    folder = cache_directory()
    if folder is None:
        return False
    with suppress(OSError):  # then Lark cannot write there either, and goes without
        folder.mkdir(parents=True, exist_ok=True)
    return str(folder / "grammar.tables")


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a text; the last one is of type ``$END``."""

    tokens: tuple[Token, ...]
    comments: tuple[Token, ...]
    diagnostics: tuple[Diagnostic, ...]


def lex(text: str) -> Lexed:
    """Every character of the text in some token, and what is wrong with tokens by themselves."""
    tokens, comments, diagnostics = [], [], []
    for token in _stream(text):
        if token.type == "COMMENT":
            comments.append(token)
            continue
        fault = _fault(token)
        if fault is not None:
            diagnostics.append(fault)
            if token.type == "NUMBER":
                token = Token.new_borrow_pos("NUMBER", "1", token)
        tokens.append(token)
    return Lexed((*tokens, _end_of_file(tokens)), tuple(comments), tuple(diagnostics))


def _stream(text: str) -> Iterator[Token]:
    """Lark's tokens. ``Lark.lex`` would build the lexer anew for each text."""
    cursor = lark().parse_interactive(text)
    stream: Iterator[Token] = cursor.lexer_thread.lex(None)  # type: ignore[no-untyped-call]
    return stream


def _fault(token: Token) -> Diagnostic | None:
    span, length = span_of(token), len(token)
    if token.type == "NAME" and length > limits.NAME_CHARACTERS:
        message = f"this name has {length} characters; {limits.NAME_CHARACTERS} are allowed"
        return Diagnostic("E0505", message, span, help="choose a shorter name")
    if token.type == "NUMBER" and length > limits.LITERAL_CHARACTERS:
        message = f"this number has {length} characters; {limits.LITERAL_CHARACTERS} are allowed"
        help = "17 digits say everything that float64 can hold"
        return Diagnostic("E0507", message, span, help=help)
    if token.type == "NUMBER" and math.isinf(float(token)):
        message = f"{quote(token)} is beyond the largest float64, about 1.8e308"
        return Diagnostic("E0508", message, span, help="write a smaller number")
    return None


def _end_of_file(tokens: list[Token]) -> Token:
    """A token directly behind the last one."""
    place = span_of(tokens[-1]).end if tokens else NOWHERE
    end = Token("$END", "", None, place.line, place.column, place.end_line, place.end_column)
    end.start_pos = end.end_pos = tokens[-1].end_pos if tokens else 0
    return end
