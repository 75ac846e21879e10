"""Expressions as graphs: names looked up, arguments counted, types checked.

What cannot be given a meaning becomes None, and so does all that is made of it: one mistake, one
message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from actdsl.evaluate import evaluate
from actdsl.expand import expand
from actdsl.grammar import limits
from actdsl.grammar.definition import Definition
from actdsl.grammar.diagnostic import Diagnostic, Label
from actdsl.grammar.names import CONSTANTS, OPERATORS, function_help, value_help
from actdsl.grammar.span import Span
from actdsl.grammar.tree import (
    Binary,
    Call,
    Expression,
    Group,
    Name,
    Number,
    Unary,
    children,
    postorder,
    ungrouped,
)
from actdsl.grammar.words import count, one_of, quote
from actdsl.ir import REAL, Function, Node, Type, call, const, node, topological
from actdsl.ops import AXES, TABLE, Op

Value = Node | None
_SUGGESTIONS = 2 * limits.ERRORS_SHOWN


@dataclass
class Scope:
    """The values that an expression can name, None standing for those that have no meaning.

    In a ``constant`` scope they can be named, but not used.
    """

    values: dict[str, Value] = field(default_factory=dict)
    constant: bool = False
    used: set[str] = field(default_factory=set)


@dataclass
class Elaborator:
    """Turns expressions into nodes, and collects what is wrong with them.

    Attributes:
        known: functions of the prelude.
        lost: names about whose absence nothing should be said.
        later: functions that the file defines further down.
        functions: functions that the file has defined so far.
        spans: where each node was first written.
        called: names of the file's functions that have been called.
        deepest: depth of the deepest definition called since somebody last set this to 0.
    """

    known: Mapping[str, Definition]
    lost: frozenset[str] = frozenset()
    later: set[str] = field(default_factory=set)
    functions: dict[str, Definition | None] = field(default_factory=dict)
    spans: dict[Node, Span] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    deepest: int = 0

    def __post_init__(self) -> None:
        self._sizes: dict[Function, int] = {}
        self._unknown: set[str] = set()
        self._constant_nodes = 0

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        help: str = "",
        related: Label | None = None,
    ) -> None:
        """Notes a mistake."""
        others = () if related is None else (related,)
        self.diagnostics.append(Diagnostic(code, message, span, label, help, others))

    def size(self, root: Node) -> int:
        """An upper bound of the nodes below the root once every call is expanded."""
        return sum(
            self._sizes[n.attr] if isinstance(n.attr, Function) else 1 for n in topological([root])
        )

    def value(self, expression: Expression, scope: Scope) -> Value:
        """The node of an expression of either type."""
        values: dict[int, Value] = {}
        for part in postorder(expression, _operands):
            operands = [values[id(child)] for child in _operands(part)]
            found = self._node(part, operands, scope)
            values[id(part)] = found
            if found is not None:
                self.spans.setdefault(found, part.span)
        return values[id(expression)]

    def number(self, expression: Expression, scope: Scope, what: str) -> Value:
        """The node of an expression that must be a number; ``what`` says what asks for one."""
        found = self.value(expression, scope)
        return self._typed(found, REAL, expression, what)

    def constant(self, expression: Expression, scope: Scope, what: str) -> float | None:
        """The finite float64 that a constant expression comes to."""
        fixed = Scope(scope.values, constant=True, used=scope.used)
        found = self.number(expression, fixed, what)
        if found is None:
            return None
        self._constant_nodes += self.size(found)
        if self._constant_nodes > limits.NODES:
            message = f"the file's constants take more than {limits.NODES} operations"
            self.report("E0504", message, expression.span, help="write their values")
            return None
        body = expand(found)
        for part in topological([body]):
            if part.op in TABLE and TABLE[part.op].contextual:
                message = f"{what} is a constant, but `{part.op}` depends on the tensor"
                self.report("E0404", message, expression.span, help="write a number")
                return None
        result = float(evaluate(body, {"": np.zeros(())})[body])
        if not np.isfinite(result):
            message = f"{what} is not finite: it comes to {result:g}"
            self.report("E0405", message, expression.span, help="write a finite number")
            return None
        return result

    def _node(self, part: Expression, operands: Sequence[Value], scope: Scope) -> Value:
        match part:
            case Number(value=value):
                return const(value)
            case Name():
                return self._name(part, scope)
            case Group():
                return operands[0]
            case Unary(op=op) | Binary(op=op):
                return self._operator(TABLE[op], children(part), operands)
            case Call(function=function):
                if function.text in OPERATORS:
                    return self._operator_call(part, TABLE[function.text], operands, scope)
                return self._definition_call(part, operands, scope)

    def _name(self, name: Name, scope: Scope) -> Value:
        text = name.text
        if text in scope.values:
            scope.used.add(text)
            if scope.constant and scope.values[text] is not None:
                message = f"{quote(text)} is not a constant"
                help = "a constant is made of numbers, `pi`, `e` and functions of them"
                self.report("E0404", message, name.span, help=help)
                return None
            return scope.values[text]
        if text in CONSTANTS:
            return const(CONSTANTS[text])
        if text in self.lost or text in self._unknown:
            return None
        self._unknown.add(text)
        if text in OPERATORS or text in self.functions or text in self.known:
            message = f"{quote(text)} is a function, and needs its argument"
            self.report("E0306", message, name.span, help=f"write {quote(f'{text}(x)')}")
            return None
        help = self._suggest(value_help, text, [*scope.values, *CONSTANTS])
        self.report("E0301", f"nothing is named {quote(text)} here", name.span, help=help)
        return None

    def _suggest(self, way_out: Callable[[str, list[str]], str], name: str, pool: list[str]) -> str:
        """A help line, as long as somebody may still read it."""
        affordable = len(self.diagnostics) < _SUGGESTIONS and len(name) <= limits.NAME_CHARACTERS
        return way_out(name, pool) if affordable else ""

    def _operator(self, op: Op, written: Sequence[Expression], operands: Sequence[Value]) -> Value:
        what = f"an operand of `{op.symbol}`" if op.symbol else f"an argument of `{op.name}`"
        checked = [
            self._typed(value, type, expression, what)
            for value, type, expression in zip(operands, op.operands, written, strict=True)
        ]
        args = tuple(value for value in checked if value is not None)
        return node(op.name, args, type=op.result) if len(args) == len(checked) else None

    def _typed(self, value: Value, type: Type, written: Expression, what: str) -> Value:
        if value is None or value.type is type:
            return value
        if type is REAL:
            message = f"{what} must be a number, and this is a truth value"
            help = "write `where(condition, 1, 0)` to make a number of it"
            self.report("E0402", message, written.span, "true or false", help=help)
        else:
            message = f"{what} must be a truth value, and this is a number"
            help = "compare it with something, as in `x > 0`"
            self.report("E0403", message, written.span, "a number", help=help)
        return None

    def _operator_call(
        self, written: Call, op: Op, operands: Sequence[Value], scope: Scope
    ) -> Value:
        arguments = written.arguments
        least, most = op.arity, None if op.variadic else op.arity
        if op.contextual:
            least, most = (2, 2) if op.name == "shift" else (1, 2)
        if not self._count(written, least, most, f"{op.name}: {op.doc}"):
            return None
        if op.contextual:
            attr = self._places(arguments[1], scope) if least == 2 else self._axis(arguments)
            operand = self._typed(operands[0], REAL, arguments[0], f"an argument of `{op.name}`")
            if attr is None or operand is None:
                return None
            return node(op.name, (operand,), attr)
        found = self._operator(op, arguments[: op.arity], operands[: op.arity])
        for i in range(op.arity, len(arguments)):  # min(a, b, c) is min(min(a, b), c)
            found = self._operator(op, [written, arguments[i]], [found, operands[i]])
        return found

    def _axis(self, arguments: Sequence[Expression]) -> str | None:
        if len(arguments) == 1:
            return AXES[0]
        axis = ungrouped(arguments[1])
        if isinstance(axis, Name) and axis.text in AXES:
            return axis.text
        message = f"the second argument names an axis: {one_of([f'`{a}`' for a in AXES])}"
        help = "leave it out for a statistic of the whole tensor"
        self.report("E0408", message, axis.span, help=help)
        return None

    def _places(self, expression: Expression, scope: Scope) -> int | None:
        places = self.constant(expression, scope, "the number of places that `shift` moves")
        if places is None:
            return None
        if not places.is_integer() or abs(places) > limits.SHIFT:
            message = f"`shift` moves by a whole number of places, at most {limits.SHIFT}"
            self.report("E0409", message, expression.span, help="as in `shift(x, 1)`")
            return None
        return int(places)

    def _definition_call(self, written: Call, operands: Sequence[Value], scope: Scope) -> Value:
        definition = self._look_up(written.function, scope)
        if definition is None:
            return None
        name, total = definition.function.name, len(definition.function.inputs)
        self.deepest = max(self.deepest, definition.depth)
        self._sizes[definition.function] = definition.size
        if not self._count(written, definition.required, total, definition.signature):
            return None
        checked = [
            self._typed(value, REAL, expression, f"an argument of {quote(name)}")
            for value, expression in zip(operands, written.arguments, strict=True)
        ]
        args = [value for value in checked if value is not None]
        if len(args) < len(checked):
            return None
        left_out = definition.defaults[len(args) - definition.required :]
        return call(definition.function, (*args, *map(const, left_out)))

    def _look_up(self, function: Name, scope: Scope) -> Definition | None:
        name, span = function.text, function.span
        if name in self.functions:
            self.called.add(name)
            return self.functions[name]
        if name in self.known:
            return self.known[name]
        if name in self.lost or name in self._unknown:
            return None
        self._unknown.add(name)
        if name in self.later:
            message = f"{quote(name)} is used before its definition"
            help = "move the definition up; functions cannot call themselves"
            self.report("E0303", message, span, help=help)
        elif name in scope.values or name in CONSTANTS:
            scope.used.add(name)
            message = f"{quote(name)} is a number, and cannot be called"
            help = f"write {quote(f'{name} * (...)')} for a product"
            self.report("E0307", message, span, help=help)
        else:
            pool = [*OPERATORS, *self.known, *self.functions]
            help = self._suggest(function_help, name, pool)
            self.report("E0302", f"there is no function {quote(name)}", span, help=help)
        return None

    def _count(self, written: Call, least: int, most: int | None, signature: str) -> bool:
        given = len(written.arguments)
        if given >= least and (most is None or given <= most):
            return True
        if most is None:
            wanted = f"at least {least} arguments"
        else:
            wanted = count(most, "argument") if least == most else f"{least} to {most} arguments"
        verb = "is" if given == 1 else "are"
        message = f"{quote(written.function.text)} takes {wanted}, and {given} {verb} given"
        self.report("E0401", message, written.span, help=signature)
        return False


def _operands(expression: Expression) -> tuple[Expression, ...]:
    """What has a value of its own: an axis has none, and places to shift by are a constant."""
    if isinstance(expression, Call) and expression.function.text in OPERATORS:
        contextual = TABLE[expression.function.text].contextual
        return expression.arguments[:1] if contextual else expression.arguments
    return children(expression)
