"""How grammars for writing are printed: the brackets that every notation has, and what they differ in."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping

from actdsl.grammar.shapes import Chars, Choice, Repeat, Row, Rule, Shape, Text


class Notation(ABC):
    """A way to write rules down.

    Attributes:
        root: what the rule that everything begins with is called.
        defined: what stands between a rule's name and what it gives.
    """

    root: str
    defined: str

    @abstractmethod
    def name(self, rule: str) -> str:
        """A rule's name."""

    @abstractmethod
    def chars(self, members: str, least: int, most: int) -> str:
        """Characters of a class."""

    @abstractmethod
    def repeated(self, part: str, least: int, most: int) -> str:
        """A part, in its brackets, several times over."""

    def grammar(self, rules: Mapping[str, Shape]) -> str:
        """The rules as text; the first one is what everything begins with."""
        lines = [f"{self.root}{self.defined}{self.name(next(iter(rules)))}"]
        lines += [
            f"{self.name(rule)}{self.defined}{self._alternatives(shape)}"
            for rule, shape in rules.items()
        ]
        return "\n".join(lines) + "\n"

    def _alternatives(self, shape: Shape) -> str:
        options = shape.options if isinstance(shape, Choice) else (shape,)
        return " | ".join(map(self._sequence, options))

    def _sequence(self, shape: Shape) -> str:
        parts = shape.parts if isinstance(shape, Row) else (shape,)
        return " ".join(filter(None, map(self._one, parts)))

    def _one(self, shape: Shape) -> str:
        match shape:
            case Text(text):
                return json.dumps(text)
            case Rule(name):
                return self.name(name)
            case Chars(members, least, most):
                return self.chars(members, least, most)
            case Repeat(part, least, most):
                return self.repeated(f"({self._alternatives(part)})", least, most)
            case Row(()):
                return ""
        return f"({self._alternatives(shape)})"
