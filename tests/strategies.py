"""Hypothesis strategies for graphs, made without the parser."""

from __future__ import annotations

from hypothesis import strategies as st

from actdsl.ir import BOOL, Node, Param, const, input, leaves, node, param
from actdsl.program import Program

SMOOTH = ("neg", "abs", "exp", "sin", "cos", "atan", "tanh", "asinh", "sinc", "erf", "erfc", "sigmoid",
          "softplus", "expm1", "relu", "log1p", "sqrt", "log")  # fmt: skip
"""Functions of one number without jumps; some leave their domain, and then give NaN or infinity."""

JUMPS = ("sign", "floor", "ceil", "round")
COMPARISONS = ("lt", "le", "gt", "ge")

SLOPE = Param("a", 0.75, 0.0, 4.0)
NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5, -0.25, 3.0, 0.1, -1.7, 8.0, 1024.0, 0.3)


def graphs(
    names: tuple[str, ...] = ("x",), *, jumps: bool = False, size: int = 12
) -> st.SearchStrategy[Node]:
    """Graphs of real numbers over the inputs named, the parameter ``a`` and a few constants.

    Without ``jumps`` every function is continuous where it is defined, save at the choices, whose
    conditions compare an input with a constant.
    """
    inputs = st.sampled_from([input(name) for name in names])
    numbers = st.sampled_from(NUMBERS).map(const)
    ends = st.one_of(inputs, inputs, numbers, st.just(param(SLOPE)))
    unary = SMOOTH + JUMPS if jumps else SMOOTH

    def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        one = st.builds(lambda op, a: node(op, (a,)), st.sampled_from(unary), inner)
        two = st.builds(
            lambda op, a, b: node(op, (a, b)),
            st.sampled_from(("add", "sub", "mul", "add", "mul", "div", "min", "max")),
            inner,
            inner,
        )
        power = st.builds(
            lambda a, n: node("pow", (a, const(n))),
            inner,
            st.sampled_from((0.0, 0.5, 1.0, 2.0, 3.0, 5.0, -1.0, -2.0)),
        )
        twice = st.builds(lambda op, a: node(op, (a, a)), st.sampled_from(("add", "mul")), inner)
        return st.one_of(one, two, two, power, twice, _choices(inputs, numbers, inner))

    return st.recursive(ends, larger, max_leaves=size)


def _choices(
    inputs: st.SearchStrategy[Node],
    numbers: st.SearchStrategy[Node],
    inner: st.SearchStrategy[Node],
) -> st.SearchStrategy[Node]:
    conditions = st.builds(
        lambda op, x, c: node(op, (x, c), type=BOOL), st.sampled_from(COMPARISONS), inputs, numbers
    )
    return st.builds(lambda c, a, b: node("where", (c, a, b)), conditions, inner, inner)


def graph_programs(
    names: tuple[str, ...] = ("x",), *, jumps: bool = False, size: int = 12
) -> st.SearchStrategy[Program]:
    """Programs around such graphs, with the parameter where it is used."""

    def around(body: Node) -> Program:
        params = tuple(n.attr for n in leaves([body], "param") if isinstance(n.attr, Param))
        return Program("random", names, params, body)

    return graphs(names, jumps=jumps, size=size).map(around)
