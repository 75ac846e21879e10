"""The embedded language: a Python function traced into the same graph that the text would give."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actdsl.api import Activation, parse
from actdsl.errors import ActdslError
from actdsl.ir import BOOL, REAL, Node, Param, Type, call, const, input, node, param
from actdsl.ops import AXES, TABLE
from actdsl.program import Program


class TraceError(ActdslError):
    """A Python function that cannot be traced."""


@dataclass(frozen=True)
class ParamDefault:
    """What :func:`parameter` gives: a learnable parameter, as the default of a function's argument."""

    initial: float
    lower: float | None = None
    upper: float | None = None
    per_channel: bool = False


def parameter(
    initial: float,
    bounds: tuple[float, float] | None = None,
    per_channel: bool = False,
) -> Any:
    """A learnable parameter: ``def snake(x, a=actdsl.param(1.0, bounds=(0.1, 10)))``.

    One of the bounds may be ``math.inf`` or ``-math.inf``.
    """
    lower, upper = map(float, bounds) if bounds else (None, None)
    return ParamDefault(float(initial), lower, upper, per_channel)


class Traced:
    """A value inside a traced function: arithmetic and comparisons build the graph."""

    __slots__ = ("node",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Node) -> None:
        self.node = value

    def __bool__(self) -> bool:
        raise TraceError(
            "a traced value has no truth value: write actdsl.where(condition, a, b) instead of "
            "`if`, and & | ~ instead of `and or not`"
        )

    def __float__(self) -> float:
        raise TraceError("a traced value is not a number: use actdsl.exp(x), not math.exp(x)")

    def __neg__(self) -> Traced:
        return Traced(-_node(self, REAL, "neg"))

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return function("abs")(self)

    def __invert__(self) -> Traced:
        return function("not")(self)


def _binary(name: str, result: Type, swapped: bool = False) -> Callable[[Traced, Any], Traced]:
    operand = TABLE[name].operands[0]

    def method(self: Traced, other: Any) -> Traced:
        pair = (_node(self, operand, name), _node(other, operand, name))
        return Traced(node(name, pair[::-1] if swapped else pair, type=result))

    return method


for _method, _name in {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "mod": "mod",
}.items():  # fmt: skip
    setattr(Traced, f"__{_method}__", _binary(_name, REAL))
    setattr(Traced, f"__r{_method}__", _binary(_name, REAL, swapped=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "and", "or"):
    setattr(Traced, f"__{_name}__", _binary(_name, BOOL))


def activation(traced: Callable[..., Any]) -> Activation:
    """Turn a Python function of ``x`` (or of two inputs) into an activation.

    Arguments without a default are inputs; those whose default is ``actdsl.param(...)`` are
    learnable parameters. The docstring is the rationale. The function runs once, here.

    Raises:
        TraceError: the function branches on a value, returns something else than a value, or takes
            other arguments.
        SourceError: the graph breaks a rule of the language, such as its size limit.
    """
    from actdsl.grammar import unparse

    inputs, params = _signature(traced)
    arguments: dict[str, Any] = {name: Traced(input(name)) for name in inputs}
    arguments |= {spec.name: Traced(param(spec)) for spec in params}
    body = _node(traced(**arguments), REAL, traced.__name__)
    rationale = inspect.cleandoc(traced.__doc__ or "")
    program = Program(traced.__name__, tuple(inputs), tuple(params), body, rationale)
    return parse(unparse(program), f"<{traced.__name__}>")


def function(name: str) -> Callable[..., Traced]:
    """A function of the language, for use inside traced functions: an operator or a prelude function.

    Raises:
        KeyError: the language has no such function.
    """
    if name in TABLE:
        return _operator(name)
    from actdsl.grammar import PRELUDE

    definition = PRELUDE[name]

    def called(*arguments: Any) -> Traced:
        inputs = definition.function.inputs
        required = len(inputs) - len(definition.defaults)
        if not required <= len(arguments) <= len(inputs):
            raise TraceError(
                f"{name} takes {required} to {len(inputs)} arguments, not {len(arguments)}"
            )
        given = [_node(argument, REAL, name) for argument in arguments]
        missing = definition.defaults[len(arguments) - required :]
        return Traced(call(definition.function, (*given, *map(const, missing))))

    called.__name__, called.__doc__ = name, definition.doc
    return called


def _operator(name: str) -> Callable[..., Traced]:
    op = TABLE[name]

    def called(*arguments: Any, axis: str = "all") -> Traced:
        if op.contextual:
            return _contextual(name, arguments, axis)
        if len(arguments) < op.arity or (len(arguments) > op.arity and not op.variadic):
            raise TraceError(f"{name} takes {op.arity} arguments, not {len(arguments)}")
        types = op.operands + op.operands[-1:] * (len(arguments) - op.arity)
        nodes = [_node(a, t, name) for a, t in zip(arguments, types, strict=True)]
        built = node(name, tuple(nodes[: op.arity]), type=op.result)
        for further in nodes[op.arity :]:
            built = node(name, (built, further), type=op.result)
        return Traced(built)

    called.__name__, called.__doc__ = name, op.doc
    return called


def _contextual(name: str, arguments: tuple[Any, ...], axis: str) -> Traced:
    if name == "shift":
        if len(arguments) != 2 or type(arguments[1]) is not int:
            raise TraceError("shift takes a value and a whole number")
        return Traced(node(name, (_node(arguments[0], REAL, name),), arguments[1]))
    operand, *rest = arguments or (None,)
    axis = str(rest.pop()) if len(rest) == 1 else axis
    if operand is None or rest or axis not in AXES:
        raise TraceError(f"{name} takes a value and an axis: {', '.join(map(repr, AXES))}")
    return Traced(node(name, (_node(operand, REAL, name),), axis))


def _signature(traced: Callable[..., Any]) -> tuple[list[str], list[Param]]:
    inputs, params = [], []
    for name, argument in inspect.signature(traced).parameters.items():
        default = argument.default
        if isinstance(default, ParamDefault):
            params.append(
                Param(name, default.initial, default.lower, default.upper, default.per_channel)
            )
        elif default is argument.empty and argument.kind in (
            argument.POSITIONAL_ONLY,
            argument.POSITIONAL_OR_KEYWORD,
        ):
            inputs.append(name)
        else:
            raise TraceError(
                f"argument '{name}' of {traced.__name__}: an input has no default, "
                f"a learnable parameter has actdsl.param(...) as its default"
            )
    return inputs, params


def _node(value: Any, wanted: Type, user: str) -> Node:
    if isinstance(value, Traced):
        found = value.node
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise TraceError(f"{user} got {type(value).__name__}; it takes traced values and numbers")
    else:
        found = const(float(value))
    if found.type is not wanted:
        raise TraceError(f"{user} needs a {wanted.value} value and got a {found.type.value} one")
    return found
