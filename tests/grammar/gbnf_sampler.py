"""Texts drawn from a GBNF grammar, by reading its notation alone."""

from __future__ import annotations

import json
import random
import re

TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*")|(\[[^\]]*\])|([A-Za-z][A-Za-z0-9-]*)|(\{\d+,\d+\})|([()|?]))"""
)


class Sampler:
    """Draws from the grammar's ``root``; of what may be left out or repeated, mostly little.

    Attributes:
        used: the alternatives that were drawn, as (rule, index).
        alternatives: all those there are.
    """

    def __init__(self, text: str, seed: int) -> None:
        lines = [line.partition(" ::= ") for line in text.splitlines()]
        self.rules = {name: _parse(body) for name, _, body in lines}
        self.alternatives = {(n, i) for n, rule in self.rules.items() for i in range(len(rule))}
        self.used: set[tuple[str, int]] = set()
        self.random = random.Random(seed)

    def text(self, rule: str = "root") -> str:
        options = self.rules[rule]
        index = self.random.randrange(len(options))
        self.used.add((rule, index))
        return "".join(map(self._item, options[index]))

    def _item(self, item) -> str:
        kind, value, (least, most) = item
        times = min(most, least + int(self.random.expovariate(2)))
        return "".join(self._once(kind, value) for _ in range(times))

    def _once(self, kind, value) -> str:
        if kind == "rule":
            return self.text(value)
        if kind == "group":
            return "".join(map(self._item, self.random.choice(value)))
        return value if kind == "text" else self.random.choice(value)


def _parse(body: str):
    tokens = list(TOKEN.finditer(body))
    assert "".join(m[0] for m in tokens).strip() == body.strip()
    options, rest = _options(tokens)
    assert not rest
    return options


def _options(tokens):
    options, row = [], []
    while tokens:
        text, chars, rule, times, sign = tokens[0].groups()
        tokens = tokens[1:]
        if sign == ")":
            break
        if sign == "|":
            options.append(row)
            row = []
        elif sign == "(":
            inner, tokens = _options(tokens)
            row.append(("group", inner, (1, 1)))
        elif times or sign:
            low, high = (0, 1) if sign == "?" else map(int, times[1:-1].split(","))
            row[-1] = (*row[-1][:2], (low, high))
        elif text:
            row.append(("text", json.loads(text), (1, 1)))
        elif chars:
            row.append(("chars", _members(chars[1:-1]), (1, 1)))
        else:
            row.append(("rule", rule, (1, 1)))
    return [*options, row], tokens


def _members(ranges: str) -> str:
    found = ""
    for first, last in re.findall(r"(.)-(.)", ranges):
        found += "".join(map(chr, range(ord(first), ord(last) + 1)))
    return found
