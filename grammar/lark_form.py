"""The language as a Lark grammar for tools that a model's answer is held to, as OpenAI's are."""

from __future__ import annotations

import json
from collections.abc import Mapping

from actdsl.grammar.shapes import Chars, Choice, Repeat, Row, Rule, Shape, Text


def lark_form(rules: Mapping[str, Shape]) -> str:
    """The rules as text in Lark's notation; the first one becomes ``start``.

    It is for engines that read character by character what the rules allow, in Lark's own terms
    the Earley parser with its dynamic lexer.
    """
    start = next(iter(rules))
    lines = [f"start: {_named(start)}"]
    lines += [f"{_named(name)}: {_alternatives(shape)}" for name, shape in rules.items()]
    return "\n".join(lines) + "\n"


def _named(rule: str) -> str:
    return rule.replace("-", "_")


def _alternatives(shape: Shape) -> str:
    options = shape.options if isinstance(shape, Choice) else (shape,)
    return " | ".join(_sequence(option) for option in options)


def _sequence(shape: Shape) -> str:
    parts = shape.parts if isinstance(shape, Row) else (shape,)
    return " ".join(filter(None, map(_one, parts)))


def _one(shape: Shape) -> str:
    match shape:
        case Text(text):
            return json.dumps(text)
        case Rule(name):
            return _named(name)
        case Chars(members, 0, most):  # no terminal may match nothing
            return f"({_one(Chars(members, 1, most))})?"
        case Chars(members, least, most):
            return f"/[{members}]{{{least},{most}}}/"
        case Repeat(part, least, most):  # written out: engines differ in how they spell a count
            inner = f"({_alternatives(part)})"
            rest = ""
            for _ in range(most - least):
                rest = f"({inner} {rest})?" if rest else f"{inner}?"
            return " ".join([inner] * least + [rest])
        case Row(()):
            return ""
    return f"({_alternatives(shape)})"
