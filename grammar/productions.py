"""The language as a grammar to write by: one activation, every name known, every call complete.

``act.lark`` says what can be read; this says what a model may write so that what it wrote can be
read and means something. Operators and their binding come from ``act.lark``, functions and the
types of their arguments from the op table and the prelude. It is narrower: white space is the
formatter's, nesting is bounded, names of parameters and of ``let`` are given and stand where they
are in scope, and what is returned is a function of the input.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from actdsl.grammar.forms import Form, forms
from actdsl.grammar.lexer import lark
from actdsl.grammar.names import CONSTANTS
from actdsl.grammar.shapes import Chars, Repeat, Rule, Shape, one_of, optional, row
from actdsl.ir import BOOL, REAL
from actdsl.ops import TABLE

INPUT = "x"

_PARAMS = ("a", "b")
_LETS = ("u", "v")
_COMMENT = (12, 90)  # characters
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be written.

    Attributes:
        depth: calls and parentheses inside one another.
        params: learnable numbers, at most 2.
        lets: named values, at most 2.
        tame: whether there is no quotient, and no exponent but 2 and 3: what comes of others is
            seldom finite on the whole line.
    """

    depth: int = 4
    params: int = 2
    lets: int = 2
    tame: bool = False


def productions(
    functions: Collection[str] | None = None,
    contextual: bool = False,
    bounds: Bounds = Bounds(),
) -> Mapping[str, Shape]:
    """The rules, by name, the first one the whole.

    Args:
        functions: the names that may be called; all that the language has, if None.
        contextual: whether statistics of the tensor are among them.
        bounds: how much may be written.
    """
    return dict(_rules(forms(functions, contextual), bounds))


def _rules(
    functions: Mapping[Form, Collection[str]], bounds: Bounds
) -> Iterator[tuple[str, Shape]]:
    head = row(f"{_keyword('ACTIVATION')} ", Rule("title"), f"({INPUT}):\n", Rule("params-0"))
    yield "activation", row("# ", Chars("A-Z", 1, 1), Chars(" -~", *_COMMENT), "\n", head)
    # An underscore in the name keeps it apart from every keyword.
    yield "title", row(Chars("a-z", 2, 12), "_", Chars("a-z0-9", 1, 12))
    yield (
        "number",
        row(
            one_of("0", row(Chars("1-9", 1, 1), Chars("0-9", 0, 1))),
            optional(".", Chars("0-9", 1, 3)),
        ),
    )
    for form, names in functions.items():
        yield form.name, one_of(*names)
    yield "compared", _infix("comparison")
    yield "added", _infix("sum")
    yield "multiplied", one_of(" * ") if bounds.tame else _infix("product")
    yield "exponent", one_of("2", "3") if bounds.tame else Rule("number")
    yield from _declarations(bounds)
    for params, lets in product(range(bounds.params + 1), range(bounds.lets + 1)):
        for depth in range(bounds.depth + 1):
            scope = _Scope(params, lets, depth)
            yield from _expressions(scope, functions)
            if depth < bounds.depth:  # where a call or a parenthesis may hold them
                yield from _whole_expressions(scope)


def _declarations(bounds: Bounds) -> Iterator[tuple[str, Shape]]:
    yield (
        "initial",
        one_of(  # an initial value and bounds around it
            row("0.", Chars("0-9", 1, 3), " in [0, 1]"),
            row(Chars("1-9", 1, 1), optional(".", Chars("0-9", 1, 2)), " in [0.1, 10]"),
            row(optional("-"), Chars("0-2", 1, 1), ".", Chars("0-9", 1, 2), " in [-3, 3]"),
        ),
    )
    for params in range(bounds.params + 1):
        go_on: Shape = Rule(f"body-{params}-0")
        if params < bounds.params:
            line = row(f"{_INDENT}{_keyword('PARAM')} {_PARAMS[params]} = ", Rule("initial"), "\n")
            go_on = one_of(go_on, row(line, Rule(f"params-{params + 1}")))
        yield f"params-{params}", go_on
        for lets in range(bounds.lets + 1):
            varying = _Scope(params, lets, bounds.depth).rule("varying")
            body: Shape = row(f"{_INDENT}{_keyword('RETURN')} ", varying, "\n")
            if lets < bounds.lets:
                line = row(f"{_INDENT}{_keyword('LET')} {_LETS[lets]} = ", varying, "\n")
                body = one_of(body, row(line, Rule(f"body-{params}-{lets + 1}")))
            yield f"body-{params}-{lets}", body


@dataclass(frozen=True, slots=True)
class _Scope:
    """How many names are known, and how deep one may still go."""

    params: int
    lets: int
    depth: int

    def rule(self, name: str, deeper: int = 0) -> Rule:
        return Rule(f"{name}-{self.params}-{self.lets}-{self.depth - deeper}")


def _expressions(
    scope: _Scope, functions: Mapping[Form, Collection[str]]
) -> Iterator[tuple[str, Shape]]:
    """What expressions in a scope are made of, and ``varying``: those in which the input occurs."""
    rule = scope.rule
    fixed = one_of(Rule("number"), *CONSTANTS, *_PARAMS[: scope.params])
    moving = [INPUT, *_LETS[: scope.lets]]
    atoms: list[Shape | str] = [fixed, *moving]
    varying_atoms: list[Shape | str] = [*moving]
    if scope.depth:
        atoms += [row("(", rule("sum", 1), ")"), *_calls(scope, functions, "sum")]
        varying_atoms += [row("(", rule("varying", 1), ")"), *_calls(scope, functions, "varying")]
    raised = optional(_infix("power"), Rule("exponent"))
    minus = optional("-")
    factor = rule("factor")
    yield factor.name, row(minus, one_of(*atoms), raised)
    more_factors = Repeat(row(Rule("multiplied"), factor), 0, 2)
    yield rule("product").name, row(factor, more_factors)
    led = optional(minus, fixed, Rule("multiplied"))
    yield rule("term").name, row(led, minus, one_of(*varying_atoms), raised, more_factors)
    offset = optional(minus, fixed, Rule("added"))
    yield rule("varying").name, row(offset, rule("term"), _more_terms(scope))


def _whole_expressions(scope: _Scope) -> Iterator[tuple[str, Shape]]:
    rule = scope.rule
    yield rule("sum").name, row(rule("product"), _more_terms(scope))
    comparison = row(rule("varying"), Rule("compared"), rule("sum"))
    both = one_of(f" {_keyword('AND')} ", f" {_keyword('OR')} ")
    yield rule("condition").name, row(comparison, optional(both, comparison))


def _more_terms(scope: _Scope) -> Shape:
    return Repeat(row(Rule("added"), scope.rule("product")), 0, 2)


def _calls(scope: _Scope, functions: Mapping[Form, Collection[str]], first: str) -> Iterator[Shape]:
    """A call in every form; ``first`` is the rule of the first number among its arguments."""
    for form in functions:
        rules = ["condition" if type is BOOL else "sum" for type in form.types]
        rules[form.types.index(REAL)] = first
        separated: list[Shape | str] = []
        for name in rules:
            separated += [", ", scope.rule(name, 1)]
        yield row(Rule(form.name), "(", *separated[1:], form.tail, ")")


def _keyword(terminal: str) -> str:
    return _spelling()[terminal]


@cache
def _spelling() -> Mapping[str, str]:
    """The pattern of each of ``act.lark``'s terminals."""
    return {terminal.name: terminal.pattern.value for terminal in lark().terminals}


@cache
def _infix(level: str) -> Shape:
    """The operators that bind as tightly as ``act.lark`` has it at a level, with spaces around."""
    patterns = [
        terminal.pattern.to_regexp()
        for rule in lark().rules
        if rule.origin.name == level and rule.alias == "binary"
        for terminal in lark().terminals
        if terminal.name == rule.expansion[1].name
    ]
    symbols = [op.symbol for op in TABLE.values() if op.symbol and op.arity == 2]
    fitting = [s for s in symbols if any(re.fullmatch(pattern, s) for pattern in patterns)]
    space = "" if level == "power" else " "
    return one_of(*(f"{space}{symbol}{space}" for symbol in fitting))
