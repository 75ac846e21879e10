"""The language as GBNF, the notation of llama.cpp and of engines that follow it."""

from __future__ import annotations

from collections.abc import Mapping

from actdsl.grammar.notation import Notation
from actdsl.grammar.shapes import Shape


def gbnf(rules: Mapping[str, Shape]) -> str:
    """The rules as GBNF text; the first one becomes ``root``."""
    return _Gbnf().grammar(rules)


class _Gbnf(Notation):
    root = "root"
    defined = " ::= "

    def name(self, rule: str) -> str:
        return rule

    def chars(self, members: str, least: int, most: int) -> str:
        return self.repeated(f"[{members}]", least, most)

    def repeated(self, part: str, least: int, most: int) -> str:
        match least, most:
            case 1, 1:
                return part
            case 0, 1:
                return f"{part}?"
        return f"{part}{{{least},{most}}}"
