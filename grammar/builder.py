"""From the grammar's rules to the syntax tree: one method per rule of ``act.lark``."""

from __future__ import annotations

import math
from typing import Any

from lark import Token, Transformer, v_args

from actdsl.grammar.span import NOWHERE, Span
from actdsl.grammar.tree import (
    Activation,
    Binary,
    Call,
    Def,
    Expression,
    File,
    Formal,
    Group,
    Let,
    Name,
    Number,
    Param,
    Return,
    Unary,
)
from actdsl.ops import TABLE

_INFIX = {op.symbol: op.name for op in TABLE.values() if op.symbol is not None and op.arity == 2}
_PREFIX = {op.symbol: op.name for op in TABLE.values() if op.symbol is not None and op.arity == 1}
_INFIX["^"] = _INFIX["**"]


def span_of(token: Token) -> Span:
    """Where a token stands."""
    if token.line is None or token.end_line is None:
        return NOWHERE
    return Span(token.line, token.column or 1, token.end_line, token.end_column or 1)


@v_args(inline=True)
class Builder(Transformer[Token, File]):
    """Builds a tree node whenever the parser has read the whole of a rule, tokens included."""

    def file(self, *items: Any) -> File:
        return File(items)

    def definition(self, keyword: Token, name: Name, *rest: Any) -> Def:
        formals = tuple(part for part in rest if isinstance(part, Formal))
        body: Expression = rest[-1]
        return Def(name, formals, body, span_of(keyword).to(body.span))

    def formal(self, name: Name, equals: Token | None = None, default: Any = None) -> Formal:
        return Formal(name, default, name.span.to(default.span if equals else name.span))

    def activation(self, keyword: Token, name: Name, *rest: Any) -> Activation:
        inputs = tuple(part for part in rest if isinstance(part, Name))
        statements = tuple(part for part in rest if isinstance(part, Param | Let | Return))
        colon = next(p for p in rest if isinstance(p, Token) and p.type == "COLON")
        return Activation(name, inputs, statements, span_of(keyword).to(span_of(colon)))

    def param(
        self, keyword: Token, name: Name, _equals: Token, initial: Expression, *rest: Any
    ) -> Param:
        bounds, per_channel, end = None, False, initial.span
        for clause in rest:
            if isinstance(clause, Span):
                per_channel, end = True, clause
            else:
                bounds, end = clause
        return Param(name, initial, bounds, per_channel, span_of(keyword).to(end))

    def bounds(
        self, _in: Token, _open: Token, lower: Expression, _comma: Token, upper: Expression,
        close: Token,
    ) -> tuple[tuple[Expression, Expression], Span]:  # fmt: skip
        return (lower, upper), span_of(close)

    def per_channel(self, _per: Token, channel: Token) -> Span:
        return span_of(channel)

    def let(self, keyword: Token, name: Name, _equals: Token, value: Expression) -> Let:
        return Let(name, value, span_of(keyword).to(value.span))

    def return_(self, keyword: Token, value: Expression) -> Return:
        return Return(value, span_of(keyword).to(value.span))

    def binary(self, left: Expression, operator: Token, right: Expression) -> Binary:
        return Binary(_INFIX[str(operator)], left, right, left.span.to(right.span))

    def unary(self, operator: Token, operand: Expression) -> Number | Unary:
        span = span_of(operator).to(operand.span)
        if isinstance(operand, Number) and operator == "-" and math.copysign(1, operand.value) > 0:
            return Number(-operand.value, span)
        return Unary(_PREFIX[str(operator)], operand, span)

    def group(self, opening: Token, inner: Expression, closing: Token) -> Group:
        return Group(inner, span_of(opening).to(span_of(closing)))

    def call(self, function: Name, _open: Token, *rest: Any) -> Call:
        arguments = tuple(part for part in rest if not isinstance(part, Token))
        return Call(function, arguments, function.span.to(span_of(rest[-1])))

    def number(self, token: Token) -> Number:
        return Number(float(token), span_of(token))

    def name(self, token: Token) -> Name:
        return Name(str(token), span_of(token))
