"""The language as a Lark grammar for tools that a model's answer is held to, as OpenAI's are."""

from __future__ import annotations

from collections.abc import Mapping

from actdsl.grammar.notation import Notation
from actdsl.grammar.shapes import Shape


def lark_form(rules: Mapping[str, Shape]) -> str:
    """The rules as text in Lark's notation; the first one becomes ``start``.

    It is for engines that read character by character what the rules allow, in Lark's own terms
    the Earley parser with its dynamic lexer.
    """
    return _LarkForm().grammar(rules)


class _LarkForm(Notation):
    root = "start"
    defined = ": "

    def name(self, rule: str) -> str:
        return rule.replace("-", "_")

    def chars(self, members: str, least: int, most: int) -> str:
        if least == 0:  # no terminal may match nothing
            return f"({self.chars(members, 1, most)})?"
        return f"/[{members}]{{{least},{most}}}/"

    def repeated(self, part: str, least: int, most: int) -> str:
        """Written out: engines differ in how they spell a count."""
        rest = ""
        for _ in range(most - least):
            rest = f"({part} {rest})?" if rest else f"{part}?"
        return " ".join([part] * least + [rest])
