"""From program to text: graphs that were evolved or traced, as somebody might have written them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, count
from types import MappingProxyType

from actdsl.expand import expand
from actdsl.grammar import limits
from actdsl.grammar.formatter import format_expression, format_file
from actdsl.grammar.names import CONSTANTS, OPERATORS
from actdsl.grammar.prelude import PRELUDE
from actdsl.grammar.rationale import as_comment
from actdsl.grammar.tree import (
    Activation,
    Binary,
    Call,
    Comments,
    Def,
    Expression,
    File,
    Formal,
    Let,
    Name,
    Number,
    Param,
    Return,
    Unary,
    height,
)
from actdsl.ir import Attribute, Function, Node, const, topological
from actdsl.ir import Param as ParamSpec
from actdsl.ops import AXES, TABLE
from actdsl.program import Program

_TALLEST = limits.PARENTHESES - 8
"""Operators one upon another before a part gets a name of its own; each may need a parenthesis."""


def unparse(program: Program) -> str:
    """The canonical text of a program.

    Parsing it gives the same body node, parameters, inputs, name and rationale. What no text can
    say keeps its value but not its node: constants that are infinite, NaN or truth values, and two
    functions of one name. The program's own functions come without comments and defaults, which a
    graph has not: every call of one is written with all its arguments.
    """
    body = program.body
    functions = _functions(body)
    if not all(map(_fits_a_line, functions)):
        body, functions = expand(body), []
    names = _distinct(functions)
    taken = {*program.inputs, *(spec.name for spec in program.params), *names.values()}
    lets, result = _statements(body, names, taken)
    activation = Activation(
        Name(program.name),
        tuple(map(Name, program.inputs)),
        (*map(_param, program.params), *lets, Return(result)),
        comments=Comments(as_comment(program.rationale)),
    )
    definitions = tuple(_definition(function, names) for function in functions)
    return format_file(File((*definitions, activation)))


def _functions(root: Node) -> list[Function]:
    """The functions called below a node, except the prelude's, each after those that it calls."""
    found: dict[Function, None] = {}
    for current in topological([root]):
        function = current.attr
        if isinstance(function, Function) and function not in found and not _built_in(function):
            found |= dict.fromkeys(_functions(function.body))
            found[function] = None
    return [*found]


def _built_in(function: Function) -> bool:
    return function.name in PRELUDE and PRELUDE[function.name].function == function


def _distinct(functions: Sequence[Function]) -> dict[Function, str]:
    """A name for each function that no other function has."""
    names: dict[Function, str] = {}
    taken = {*OPERATORS, *PRELUDE, *CONSTANTS}
    for function in functions:
        names[function] = _free(function.name, taken)
        taken.add(names[function])
    return names


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(free for k in count(2) if (free := f"{name}_{k}") not in taken)


def _fits_a_line(function: Function) -> bool:
    """Whether a definition can be one expression within the language's limits."""
    sizes: dict[Node, int] = {}
    for current in topological([function.body]):
        sizes[current] = 1 + sum(sizes[arg] for arg in current.args)
    if sizes[function.body] > limits.NODES:  # a part that is used twice is written twice
        return False
    expression = _expressions(function.body, {})[function.body]
    if height(expression) > limits.HEIGHT:
        return False
    depths = accumulate({"(": 1, ")": -1}.get(c, 0) for c in format_expression(expression))
    return max(depths) <= limits.PARENTHESES


def _definition(function: Function, names: Mapping[Function, str]) -> Def:
    formals = tuple(Formal(Name(str(leaf.attr))) for leaf in function.inputs)
    body = _expressions(function.body, names)[function.body]
    return Def(Name(names[function]), formals, body)


def _param(spec: ParamSpec) -> Param:
    bounds = None
    if spec.bounds != (-math.inf, math.inf):
        low, high = spec.bounds
        bounds = (_bound(low), _bound(high))
    return Param(Name(spec.name), _constant(spec.initial), bounds, spec.per_channel)


def _bound(value: float) -> Expression:
    if math.isinf(value):
        return Name("inf") if value > 0 else Unary("neg", Name("inf"))
    return _constant(value)


def _statements(
    root: Node, names: Mapping[Function, str], taken: Collection[str]
) -> tuple[list[Let], Expression]:
    """``let`` for what is used more than once or would stand too high, and the result."""
    fresh = (name for k in count(1) if (name := f"t{k}") not in taken)
    lets = {part: next(fresh) for part in _named_parts(root)}
    values = _expressions(root, names, lets)
    return [Let(Name(name), values[part]) for part, name in lets.items()], values[root]


def _named_parts(root: Node) -> Iterator[Node]:
    order = topological([root])
    uses = Counter(arg for current in order for arg in current.args)
    heights: dict[Node, int] = {}
    for current in order:
        heights[current] = 1 + max((heights[arg] for arg in current.args), default=-1)
        shared = uses[current] > 1 and current.args
        if current is not root and (shared or heights[current] >= _TALLEST):
            heights[current] = 0
            yield current


def _expressions(
    root: Node, names: Mapping[Function, str], lets: Mapping[Node, str] = MappingProxyType({})
) -> dict[Node, Expression]:
    """The expression of every node below the root; one that has a name is known by it to others."""
    values: dict[Node, Expression] = {}
    for current in topological([root]):
        operands = [Name(lets[arg]) if arg in lets else values[arg] for arg in current.args]
        values[current] = _expression(current, operands, names)
    return values


def _expression(
    current: Node, operands: Sequence[Expression], names: Mapping[Function, str]
) -> Expression:
    attr = current.attr
    match current.op:
        case "const":
            return _constant(attr)
        case "input":
            return Name(str(attr))
    if isinstance(attr, ParamSpec):
        return Name(attr.name)
    if isinstance(attr, Function):
        if _built_in(attr):
            operands = operands[: _given(current.args, PRELUDE[attr.name].defaults)]
            return Call(Name(attr.name), tuple(operands))
        return Call(Name(names.get(attr, attr.name)), tuple(operands))
    op = TABLE[current.op]
    if op.symbol is not None:
        first, last = operands[0], operands[-1]
        return Unary(op.name, first) if op.arity == 1 else Binary(op.name, first, last)
    arguments = tuple(operands)
    if op.contextual and attr != AXES[0]:
        arguments += (Number(attr) if isinstance(attr, int) else Name(str(attr)),)
    first = operands[0]
    if op.variadic and isinstance(first, Call) and first.function.text == op.name:
        arguments = (*first.arguments, *arguments[1:])  # min(min(a, b), c) is min(a, b, c)
    return Call(Name(op.name), arguments)


def _given(args: Sequence[Node], defaults: Sequence[float]) -> int:
    """How many arguments a call must write: all but the last ones that equal their defaults."""
    given = len(args)
    for value in reversed(defaults):
        if args[given - 1] is not const(value):
            break
        given -= 1
    return given


def _constant(value: Attribute) -> Expression:
    """An expression for a constant; for one without a literal, an operation that comes to it."""
    if isinstance(value, bool):
        return Binary("lt", Number(0), Number(1)) if value else Binary("lt", Number(1), Number(0))
    assert isinstance(value, float)
    for name, known in CONSTANTS.items():
        if value == known:
            return Name(name)
    if math.isnan(value):
        return Binary("div", Number(0), Number(0))
    if math.isinf(value):
        return Binary("div", Number(math.copysign(1, value)), Number(0))
    return Number(value)
