"""The language as GBNF, the notation of llama.cpp and of engines that follow it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from actdsl.grammar.shapes import Chars, Choice, Repeat, Row, Rule, Shape, Text


def gbnf(rules: Mapping[str, Shape]) -> str:
    """The rules as GBNF text; the first one becomes ``root``."""
    start = next(iter(rules))
    lines = [f"root ::= {start}"]
    lines += [f"{name} ::= {_alternatives(shape)}" for name, shape in rules.items()]
    return "\n".join(lines) + "\n"


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
            return name
        case Chars(members, least, most):
            return f"[{members}]" + _times(least, most)
        case Repeat(part, least, most):
            return f"({_alternatives(part)})" + _times(least, most)
        case Row(()):
            return ""
    return f"({_alternatives(shape)})"


def _times(least: int, most: int) -> str:
    if (least, most) == (1, 1):
        return ""
    return "?" if (least, most) == (0, 1) else f"{{{least},{most}}}"
