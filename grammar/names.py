"""Names that the language knows, and what somebody may have meant by one that it does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from actdsl.grammar import foreign
from actdsl.grammar.words import quote
from actdsl.ops import TABLE, function_names

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
OPERATORS = frozenset(function_names())

_CANDIDATES = 1000  # difflib takes some microseconds for each
_NEAR_IN_LENGTH = 3


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like a misspelt name, if one is like it at all."""
    near = [c for c in candidates if abs(len(c) - len(name)) <= _NEAR_IN_LENGTH][:_CANDIDATES]
    by_lower = {candidate.lower(): candidate for candidate in near}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[matches[0]] if matches else None


def function_help(name: str, candidates: Iterable[str]) -> str:
    """A way out for somebody who calls a function that there is not."""
    if name in foreign.FUNCTIONS:
        return f"write `{foreign.FUNCTIONS[name]}`"
    if name in TABLE:
        return f"write the operator `{TABLE[name].symbol}`"
    return _did_you_mean(name, candidates)


def value_help(name: str, candidates: Iterable[str]) -> str:
    """A way out for somebody who uses a name that nothing has."""
    return foreign.VALUES.get(name) or _did_you_mean(name, candidates)


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    match = closest(name, candidates)
    return f"did you mean {quote(match)}?" if match else ""
