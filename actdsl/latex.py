"""Formulas as LaTeX, by the op table's column."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from actdsl.ir import Function, Node, Param, topological
from actdsl.ops import TABLE
from actdsl.program import Program

_ATOM = 9
_PRECEDENCE = {
    "or": -3, "and": -2, "not": -1, "add": 1, "sub": 1, "mul": 2, "mod": 2, "neg": 2, "pow": 4,
}  # fmt: skip
_NOT_A_BASE = frozenset({"div", "exp", "exp2", "sqrt", "rsqrt", "where"})
"""Atoms elsewhere, but a power of one needs parentheses."""
_LONGEST = 2000
_GREEK = frozenset(
    {
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
    }
    | {"mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"}
)


def latex(program: Program) -> str:
    """``name(x) = formula``. What would be longer than 2,000 characters is cut with dots."""
    arguments = ", ".join(map(_symbol, program.inputs))
    return rf"\operatorname{{{_escaped(program.name)}}}\left({arguments}\right) = {formula(program.body)}"


def formula(root: Node) -> str:
    """The LaTeX of a graph, calls by name."""
    texts: dict[Node, tuple[str, int]] = {}
    for current in topological([root]):
        text, precedence = _written(current, lambda n: texts[n])
        texts[current] = (text if len(text) <= _LONGEST else r"\cdots", precedence)
    return texts[root][0]


def _written(current: Node, text_of: Callable[[Node], tuple[str, int]]) -> tuple[str, int]:
    attr = current.attr
    if current.op == "const":
        return _number(attr)
    if current.op == "input":
        return _symbol(str(attr)), _ATOM
    if isinstance(attr, Param):
        return _symbol(attr.name), _ATOM
    if isinstance(attr, Function):
        inner = ", ".join(text_of(arg)[0] for arg in current.args)
        return rf"\operatorname{{{_escaped(attr.name)}}}\left({inner}\right)", _ATOM
    precedence = _PRECEDENCE.get(current.op, _ATOM)
    operands = []
    for position, arg in enumerate(current.args):
        text, strength = text_of(arg)
        doubled = current.op == arg.op == "neg"
        needed = precedence + (position == 1 or current.op == "pow" or doubled)
        if position == 1 and text.startswith("-"):
            strength = 0
        if current.op == "pow" and (arg.op in _NOT_A_BASE or r"\cdot" in text):
            strength = precedence
        operands.append(
            text if strength >= needed or precedence == _ATOM else rf"\left({text}\right)"
        )
    if current.op == "pow":
        operands[1] = text_of(current.args[1])[0]
    return TABLE[current.op].latex.format(*operands), precedence


def _number(value: object) -> tuple[str, int]:
    if isinstance(value, bool):
        return rf"\text{{{value}}}", _ATOM
    assert isinstance(value, float)
    if math.isnan(value):
        return r"\mathrm{NaN}", _ATOM
    if math.isinf(value):
        return (r"\infty", _ATOM) if value > 0 else (r"-\infty", _PRECEDENCE["neg"])
    text = f"{value:.6g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    exact = Fraction(value).limit_denominator(12)
    if exact.denominator in (3, 6, 7, 9, 11, 12) and float(exact) == value:
        sign = "-" if exact < 0 else ""
        text = rf"{sign}\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"
    return text, _PRECEDENCE["neg"] if value < 0 else _ATOM


def _symbol(name: str) -> str:
    stem, _, index = name.partition("_")
    shown = rf"\{stem}" if stem in _GREEK else stem if len(stem) == 1 else rf"\mathit{{{stem}}}"
    return rf"{shown}_{{{_escaped(index)}}}" if index else shown


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")
