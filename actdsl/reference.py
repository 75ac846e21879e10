"""The oracle: graphs evaluated with mpmath at 60 significant digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath as mp

from actdsl.expand import expand
from actdsl.ir import BOOL, Node, Param, topological
from actdsl.ops import TABLE

_DIGITS = 60


def reference(
    root: Node,
    inputs: Mapping[str, Sequence[float]],
    params: Mapping[str, float] | None = None,
) -> list[Any]:
    """The graph's exact value, an ``mpf`` per element of the inputs (one-dimensional, equal lengths).

    Constants and inputs are taken as the float64 numbers that they are. Where a real function is
    not defined, the value is NaN. Statistics are of all elements, whatever their axis.
    """
    count = len(next(iter(inputs.values())))
    values: dict[Node, list[Any]] = {}
    with mp.workdps(_DIGITS):
        for current in topological([expand(root)]):
            values[current] = _values(current, values, inputs, params or {}, count)
        return values[expand(root)]


def _values(
    current: Node,
    values: Mapping[Node, list[Any]],
    inputs: Mapping[str, Sequence[float]],
    params: Mapping[str, float],
    count: int,
) -> list[Any]:
    if current.op == "const":
        return [current.attr if current.type is BOOL else mp.mpf(current.attr)] * count
    if current.op == "input":
        return [mp.mpf(float(v)) for v in inputs[str(current.attr)]]
    if isinstance(current.attr, Param):
        return [mp.mpf(float(params.get(current.attr.name, current.attr.initial)))] * count
    op = TABLE[current.op]
    if op.contextual:
        result = op.mpmath(values[current.args[0]], current.attr)
        return result if isinstance(result, list) else [result] * count
    operands = zip(*(values[arg] for arg in current.args), strict=True)
    return [_real(op.mpmath, element) for element in operands]


def _real(function: Any, operands: tuple[Any, ...]) -> Any:
    result = function(*operands)
    return mp.nan if isinstance(result, mp.mpc) else result
