"""Random typed programs: every operator, functions of the prelude and of the file, sharing."""

from __future__ import annotations

import math
import string

from hypothesis import strategies as st

from actdsl.grammar import PRELUDE
from actdsl.ir import BOOL, REAL, Function, Node, Param, call, const, input, node, param
from actdsl.ops import AXES, TABLE, Op
from actdsl.program import Program

KEYWORDS = frozenset(
    {"def", "activation", "param", "let", "return", "in", "per", "channel", "and", "or", "not"}
)

numbers = st.one_of(
    st.integers(-9, 9).map(float),
    st.sampled_from([0.5, 0.1, -0.25, 1e-3, math.pi, math.e, -math.pi, -0.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
names = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12).filter(
    lambda name: not name[0].isdigit() and name not in KEYWORDS | {"pi", "e"}
)
lines = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), max_size=30)
rationales = st.lists(lines.map(str.rstrip), max_size=3).map("\n".join)


@st.composite
def params(draw: st.DrawFn, name: str) -> Param:
    """A parameter, bounded or not."""
    initial = draw(numbers)
    if not draw(st.booleans()):
        return Param(name, initial, per_channel=draw(st.booleans()))
    lower, upper = sorted([initial, draw(numbers)])
    return Param(name, initial, lower, upper, draw(st.booleans()))


@st.composite
def nodes(
    draw: st.DrawFn,
    leaves: list[Node],
    functions: list[Function],
    ops: list[Op],
    most: int,
) -> Node:
    """A real graph over some leaves. New nodes take any of the older ones, so parts are shared."""
    reals, bools = list(leaves), []
    for _ in range(draw(st.integers(0, most))):
        choice = draw(st.integers(0, 9))
        if choice < 2:
            reals.append(const(draw(numbers)))
        elif choice < 4 and functions:
            function = draw(st.sampled_from(functions))
            reals.append(call(function, tuple(_some(draw, reals) for _ in function.inputs)))
        else:
            op = draw(st.sampled_from(ops))
            if BOOL in op.operands and not bools:
                op = TABLE["lt"]
            operands = tuple(_some(draw, reals if t is REAL else bools) for t in op.operands)
            attr = None
            if op.contextual:
                attr = draw(st.integers(-9, 9) if op.name == "shift" else st.sampled_from(AXES))
            found = node(op.name, operands, attr, op.result)
            (reals if op.result is REAL else bools).append(found)
    return reals[-1]


def _some(draw: st.DrawFn, pool: list[Node]) -> Node:
    """One of the pool; the newest half of the time, so that graphs grow tall as well as wide."""
    return pool[-1] if draw(st.booleans()) else draw(st.sampled_from(pool))


@st.composite
def programs(draw: st.DrawFn, *, contextual: bool = True, most: int = 24) -> Program:
    """A program of up to ``most`` operations; contextual ones only if asked for."""
    ops = [op for op in TABLE.values() if contextual or not op.contextual]
    built_in = [definition.function for definition in PRELUDE.values()]
    functions: list[Function] = []
    for name in ("first", "second")[: draw(st.integers(0, 2))]:
        inputs = [input(n) for n in draw(st.lists(names, min_size=1, max_size=3, unique=True))]
        body = draw(nodes(inputs, built_in + functions, ops, 6))
        functions.append(Function(name, tuple(inputs), body))
    words = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    split = draw(st.integers(1, min(2, len(words))))
    specs = tuple(draw(params(name)) for name in words[split:])
    leaves = [*map(param, specs), *map(input, words[:split])]
    body = draw(nodes(leaves, built_in + functions, ops, most))
    return Program(draw(names), tuple(words[:split]), specs, body, draw(rationales))
