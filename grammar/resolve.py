"""From the syntax tree to a checked program: declarations, and the order that they need."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from actdsl.grammar import limits
from actdsl.grammar.definition import Definition
from actdsl.grammar.diagnostic import Diagnostic, Label
from actdsl.grammar.elaborate import Elaborator, Scope, Value
from actdsl.grammar.names import CONSTANTS, OPERATORS
from actdsl.grammar.rationale import documentation, rationale
from actdsl.grammar.span import NOWHERE, Span
from actdsl.grammar.tree import (
    Activation,
    Def,
    Expression,
    File,
    Let,
    Name,
    Param,
    Return,
    Unary,
)
from actdsl.grammar.words import quote
from actdsl.ir import Function, Node, input, param
from actdsl.ir import Param as ParamSpec
from actdsl.program import Program

_MOST_INPUTS = 2


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a file means.

    Attributes:
        program: its activation; None if the file has none, or errors.
        definitions: its own functions.
        diagnostics: errors, or, if there are none, warnings.
        spans: where each node was first written.
    """

    program: Program | None
    definitions: Mapping[str, Definition]
    diagnostics: tuple[Diagnostic, ...]
    spans: Mapping[Node, Span]


def resolve(
    file: File, known: Mapping[str, Definition], lost: frozenset[str] = frozenset()
) -> Resolution:
    """The meaning of a file whose functions may call the ``known`` ones.

    Nothing is said of the absence of what is ``lost``.
    """
    resolver = _Resolver(Elaborator(known, lost))
    programs = resolver.items(file)
    diagnostics = resolver.elaborator.diagnostics
    failed = any(diagnostic.is_error for diagnostic in diagnostics)
    return Resolution(
        programs[0] if programs and not failed else None,
        {n: d for n, d in resolver.elaborator.functions.items() if d is not None},
        tuple(d for d in diagnostics if d.is_error or not failed),
        resolver.elaborator.spans,
    )


def _finite(bound: float | None) -> float | None:
    """A bound as a param has it: None for one that bounds nothing."""
    return None if bound is None or math.isinf(bound) else bound


class _Resolver:
    """Declarations, taken one after another."""

    def __init__(self, elaborator: Elaborator) -> None:
        self.elaborator = elaborator
        self.report = elaborator.report

    def items(self, file: File) -> list[Program | None]:
        definitions = [item for item in file.items if isinstance(item, Def)]
        activations = [item for item in file.items if isinstance(item, Activation)]
        self.elaborator.later = {item.name.text for item in definitions}
        if not activations and "activation" not in self.elaborator.lost:
            message = "the file has no activation"
            self.report("E0212", message, NOWHERE, help="add `activation name(x): return ...`")
        for extra in activations[1:]:
            message = "a file has one activation, and this is another"
            help = "make it a `def`, or move it to a file of its own"
            first = Label(activations[0].name.span, "the first one")
            self.report("E0213", message, extra.name.span, help=help, related=first)
        programs: list[Program | None] = []
        for item in file.items:
            if isinstance(item, Def):
                self._definition(item)
            else:
                programs.append(self._activation(item, rationale(file)))
        if activations:
            for item in definitions:
                if item.name.text not in self.elaborator.called:
                    self._warn_unused("W0003", "function", item.name)
        return programs

    def _definition(self, item: Def) -> None:
        name = item.name.text
        if name in OPERATORS or name in self.elaborator.known or name in CONSTANTS:
            message = f"{quote(name)} is built in and cannot be defined again"
            self.report("E0305", message, item.name.span, help="choose another name")
            return
        if name in self.elaborator.functions:
            message = f"{quote(name)} is defined twice"
            self.report("E0304", message, item.name.span, help="choose another name")
            return
        scope = Scope()
        formals = [formal for formal in item.formals if self._declare(formal.name, scope)]
        for formal in formals:
            scope.values[formal.name.text] = input(formal.name.text)
        defaults = self._defaults(item)
        self.elaborator.deepest = 0
        body = self.elaborator.value(item.body, scope)
        definition = None
        if body is not None and len(formals) == len(item.formals):
            inputs = tuple(input(formal.name.text) for formal in formals)
            depth = self.elaborator.deepest + 1
            if depth <= limits.CALL_DEPTH:
                definition = Definition(
                    Function(name, inputs, body), defaults, documentation(item.comments),
                    self.elaborator.size(body), depth,
                )  # fmt: skip
            else:
                message = f"{quote(name)} calls functions more than {limits.CALL_DEPTH} deep"
                help = "write some of them out"
                self.report("E0509", message, item.name.span, help=help)
        self.elaborator.functions[name] = definition

    def _defaults(self, item: Def) -> tuple[float, ...]:
        defaults: list[float] = []
        for formal in item.formals:
            if formal.default is not None:
                what = f"the default of {quote(formal.name.text)}"
                default = self.elaborator.constant(formal.default, Scope(), what)
                defaults.append(0.0 if default is None else default)
            elif defaults:
                message = f"{quote(formal.name.text)} has no default, but an argument before it has"
                help = "move it to the front, or give it a default"
                self.report("E0410", message, formal.span, help=help)
        return tuple(defaults)

    def _activation(self, item: Activation, why: str) -> Program | None:
        scope = Scope()
        if not 1 <= len(item.inputs) <= _MOST_INPUTS:
            message = f"an activation takes one input or two, not {len(item.inputs)}"
            help = "write `activation name(x)`, or `activation name(x, gate)` for a gated unit"
            self.report("E0411", message, item.span, help=help)
        for name in item.inputs:
            if self._declare(name, scope):
                scope.values[name.text] = input(name.text)
        specs: list[ParamSpec] = []
        result: Value = None
        done: Return | None = None
        for statement in item.statements:
            if done is not None:
                message = "nothing follows the `return` of an activation"
                first = Label(done.span, "the result is given here")
                help = "delete it, or move it up"
                self.report("E0215", message, statement.span, help=help, related=first)
            match statement:
                case Param():
                    self._param(statement, scope, specs)
                case Let(name=name, value=value):
                    found = self.elaborator.value(value, scope)
                    if self._declare(name, scope):
                        scope.values[name.text] = found
                case Return(value=value):
                    output = self.elaborator.number(value, scope, "the result")
                    if done is None:
                        done, result = statement, output
        if done is None and "return" not in self.elaborator.lost:
            message = f"the activation {quote(item.name.text)} returns nothing"
            self.report("E0214", message, item.span, help="end it with `return expression`")
        self._warn_of_unused(item, scope)
        if result is None:
            return None
        self._check_size(result, item.name)
        inputs = tuple(name.text for name in item.inputs)
        return Program(item.name.text, inputs, tuple(specs), result, why)

    def _param(self, statement: Param, scope: Scope, specs: list[ParamSpec]) -> None:
        name = statement.name.text
        what = f"the initial value of {quote(name)}"
        initial = self.elaborator.constant(statement.initial, scope, what)
        lower = upper = None
        if statement.bounds is not None:
            low, high = statement.bounds
            lower = self._bound(low, scope, f"the lower bound of {quote(name)}")
            upper = self._bound(high, scope, f"the upper bound of {quote(name)}")
            if lower is not None and upper is not None:
                self._check_bounds(statement, initial, lower, upper)
        if not self._declare(statement.name, scope):
            return
        spec = None
        if initial is not None:
            spec = ParamSpec(name, initial, _finite(lower), _finite(upper), statement.per_channel)
            specs.append(spec)
            if len(specs) == limits.PARAMS + 1:
                message = f"an activation has at most {limits.PARAMS} params"
                self.report("E0506", message, statement.name.span, help="leave some of them out")
        scope.values[name] = None if spec is None else param(spec)

    def _bound(self, side: Expression, scope: Scope, what: str) -> float | None:
        """A bound, infinite where it is written so."""
        match side:
            case Name(text="inf") if "inf" not in scope.values:
                return math.inf
            case Unary(op="neg", operand=Name(text="inf")) if "inf" not in scope.values:
                return -math.inf
        return self.elaborator.constant(side, scope, what)

    def _check_bounds(
        self, statement: Param, initial: float | None, lower: float, upper: float
    ) -> None:
        assert statement.bounds is not None
        low, high = statement.bounds
        if lower > upper:
            message = f"the lower bound, {lower:g}, is above the upper one, {upper:g}"
            help = f"write `in [{upper:g}, {lower:g}]`"
            self.report("E0406", message, low.span.to(high.span), help=help)
        elif initial is not None and not lower <= initial <= upper:
            message = f"the initial value, {initial:g}, is not between {lower:g} and {upper:g}"
            bounds = Label(low.span.to(high.span), "the bounds")
            help = "widen the bounds, or begin inside them"
            self.report("E0407", message, statement.initial.span, help=help, related=bounds)

    def _declare(self, name: Name, scope: Scope) -> bool:
        """Whether a name is free for a new value."""
        if name.text in CONSTANTS:
            message = f"{quote(name.text)} is a constant of the language"
            self.report("E0305", message, name.span, help="choose another name")
            return False
        if name.text in scope.values:
            message = f"{quote(name.text)} has a value already"
            self.report("E0304", message, name.span, help="choose another name")
            return False
        scope.values[name.text] = None
        return True

    def _check_size(self, result: Node, name: Name) -> None:
        size = self.elaborator.size(result)
        if size > limits.NODES:
            message = (
                f"{quote(name.text)} comes to {size} operations once every function is written "
                f"out; {limits.NODES} are allowed"
            )
            self.report("E0504", message, name.span, help="call fewer functions of functions")

    def _warn_of_unused(self, item: Activation, scope: Scope) -> None:
        for statement in item.statements:
            if isinstance(statement, Return) or statement.name.text in scope.used:
                continue
            if isinstance(statement, Let):
                self._warn_unused("W0001", "value", statement.name)
            else:
                self._warn_unused("W0002", "param", statement.name)
        for name in item.inputs:
            if name.text not in scope.used:
                self._warn_unused("W0004", "input", name)

    def _warn_unused(self, code: str, what: str, name: Name) -> None:
        message = f"the {what} {quote(name.text)} is never used"
        self.report(code, message, name.span, help="use it, or delete it")
