"""Operands for every pointwise operator: inside its domain, at its kinks, outside its domain."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from actdsl.ops import TABLE

Operands = tuple[float | bool, ...]

POINTWISE = [name for name, op in TABLE.items() if not op.contextual]
CONTEXTUAL = [name for name, op in TABLE.items() if op.contextual]

_LINE = (
    -37.5,
    -8.25,
    -3.0,
    -1.3,
    -0.7,
    -1e-5,
    0.0,
    1e-9,
    0.013,
    0.26,
    0.5,
    1.0,
    1.9,
    4.75,
    12.0,
    88.5,
)
_ABOVE = tuple(x for x in _LINE if x > 0)
_PAIRS = ((-2.5, 1.5), (1.5, -2.5), (3.0, 3.0), (0.0, 2.0), (-0.3, -0.2), (7.25, 0.4), (1e-8, 5.0))
_TRUTH = tuple(product((False, True), repeat=2))


def _ones(values: Iterable[float]) -> list[Operands]:
    return [(value,) for value in values]


INSIDE: dict[str, list[Operands]] = {
    **{name: _ones(_LINE) for name in POINTWISE if TABLE[name].arity == 1},
    **{name: list(_PAIRS) for name in ("add", "sub", "mul", "div", "min", "max")},
    **{name: list(_PAIRS) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    "sinh": _ones(x for x in _LINE if abs(x) < 40),
    "pow": [
        (2.0, 0.5),
        (0.3, -1.7),
        (-2.0, 3.0),
        (-0.5, -2.0),
        (0.0, 2.0),
        (0.0, 0.0),
        (5.5, 0.0),
        (9.0, 1.5),
    ],
    "sqrt": _ones((0.0, *_ABOVE)),
    "rsqrt": _ones(_ABOVE),
    "log": _ones(_ABOVE),
    "log2": _ones(_ABOVE),
    "log1p": _ones((-0.999, -0.5, *(x for x in _LINE if x > -0.1))),
    "mod": [
        (7.5, 2.0),
        (-7.5, 2.0),
        (7.5, -2.0),
        (-7.5, -2.0),
        (0.3, 0.1),
        (6.0, 3.0),
        (-0.25, 4.0),
    ],
    "clip": [(x, -1.0, 2.0) for x in (-3.0, -1.0, 0.4, 2.0, 2.5)]
    + [(0.5, 2.0, 1.0), (9.0, 2.0, 1.0)],
    "and": list(_TRUTH),
    "or": list(_TRUTH),
    "not": [(False,), (True,)],
    "where": [(True, 1.5, -2.5), (False, 1.5, -2.5)],
    "round": _ones((*_LINE, -2.5, -1.5, 0.5, 1.5, 2.5, 3.5)),
}
"""Operands with a finite result, kinks among them."""

OUTSIDE: dict[str, list[Operands]] = {
    "div": [(1.0, 0.0), (-2.0, 0.0), (0.0, 0.0)],
    "pow": [(-2.0, 0.5), (-0.1, -1.3), (0.0, -1.0), (0.0, -0.5)],
    "sqrt": _ones((-1e-300, -4.0)),
    "rsqrt": _ones((0.0, -1e-300, -4.0)),
    "log": _ones((0.0, -1e-300, -4.0)),
    "log2": _ones((0.0, -1e-300, -4.0)),
    "log1p": _ones((-1.0, -1.0000001, -30.0)),
    "mod": [(1.0, 0.0), (-2.5, 0.0), (0.0, 0.0)],
}
"""Operands without one."""
