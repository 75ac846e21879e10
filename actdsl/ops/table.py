"""The rows of every family in one mapping."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from actdsl.ops import (
    arithmetic,
    comparison,
    contextual,
    exponential,
    piecewise,
    sigmoidal,
    trigonometric,
)
from actdsl.ops.row import Op

_FAMILIES = (
    arithmetic, comparison, exponential, trigonometric, sigmoidal, piecewise, contextual,
)  # fmt: skip

TABLE: Mapping[str, Op] = MappingProxyType(
    {row.name: row for family in _FAMILIES for row in family.ROWS}
)


def row(name: str) -> Op:
    """The row of an operator."""
    return TABLE[name]


def function_names() -> tuple[str, ...]:
    """Operators that the language writes as a call, in the table's order."""
    return tuple(name for name, op in TABLE.items() if op.symbol is None)
