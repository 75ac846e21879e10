"""How diagnostics speak: quoting, lists, and the grammar's tokens in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_LONGEST_QUOTE = 40

_OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "POWER", "COMPARISON", "AND", "OR"})
_STARTS_OF_EXPRESSION = frozenset({"NUMBER", "NAME", "LPAR", "MINUS", "NOT"})
_SPELLINGS = {
    "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`", "COMMA": "`,`", "COLON": "`:`",
    "EQUAL": "`=`", "NAME": "a name", "IN": "`in`", "PER": "`per channel`", "CHANNEL": "`channel`",
    "DEF": "`def`", "ACTIVATION": "`activation`", "PARAM": "`param`", "LET": "`let`",
    "RETURN": "`return`", "$END": "the end of the file",
}  # fmt: skip


def quote(text: str) -> str:
    """The text in backquotes, cropped, and with nothing in it that a terminal would act upon."""
    if len(text) > _LONGEST_QUOTE:
        text = text[: _LONGEST_QUOTE - 1] + "…"
    return "`" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text) + "`"


def one_of(alternatives: Iterable[str], word: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *most, last = alternatives
    return f"{', '.join(most)} {word} {last}" if most else last


def count(number: int, noun: str) -> str:
    """``1 argument``, ``2 arguments``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def expected(accepted: Collection[str]) -> str:
    """What may stand in a place where the parser accepts these tokens."""
    rest = set(accepted)
    said = []
    if {"NUMBER", "LPAR"} <= rest:
        said.append("an expression")
        rest -= _STARTS_OF_EXPRESSION
    elif {"STAR", "POWER"} & rest:
        said.append("an operator")
        rest -= _OPERATORS
        if "NAME" not in accepted:
            rest.discard("LPAR")
    said.extend(text for type, text in _SPELLINGS.items() if type in rest)
    return one_of(said or ["nothing more"])
