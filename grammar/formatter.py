"""From syntax tree to canonical text: one spacing, no needless parentheses, every comment."""

from __future__ import annotations

import math

from actdsl.grammar.tree import (
    Binary,
    Call,
    Comments,
    Def,
    Expression,
    File,
    Formal,
    Group,
    Item,
    Let,
    Name,
    Number,
    Param,
    Return,
    Statement,
    Unary,
    postorder,
    ungrouped,
)
from actdsl.ops import TABLE

_INDENT = "    "

# How tightly what stands at the top of an expression binds, and how tightly its operands must.
_ATOM = 9
_SIGNED = 7
_UNARY = {"not": (3, 3), "neg": (_SIGNED, _SIGNED)}
_BINARY = {
    "or": (1, 1, 2),
    "and": (2, 2, 3),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), (4, 5, 5)),
    **dict.fromkeys(("add", "sub"), (5, 5, 6)),
    **dict.fromkeys(("mul", "div"), (6, 6, 7)),
    "pow": (8, _ATOM, _SIGNED),
}


def format_file(file: File) -> str:
    """The canonical text of a file."""
    blocks = [*map(_item, file.items)]
    if file.comments:
        blocks.append([*file.comments])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n" if blocks else ""


def format_expression(root: Expression) -> str:
    """The canonical text of an expression."""
    texts: dict[int, str] = {}
    for part in postorder(root):
        texts[id(part)] = _expression(part, texts)
    return texts[id(root)]


def format_number(value: float) -> str:
    """The shortest literal that stands for a finite number: ``2``, ``0.001``, ``1e-9``."""
    digits, _, exponent = repr(value).partition("e")
    digits = digits.removesuffix(".0")
    return f"{digits}e{int(exponent)}" if exponent else digits


def _item(item: Item) -> list[str]:
    if isinstance(item, Def):
        formals = ", ".join(map(_formal, item.formals))
        head = f"def {item.name.text}({formals}) = {format_expression(item.body)}"
        return _commented(head, item.comments)
    head = f"activation {item.name.text}({', '.join(name.text for name in item.inputs)}):"
    lines = _commented(head, item.comments)
    for statement in item.statements:
        written = _commented(_statement(statement), statement.comments)
        lines.extend(_INDENT + line if line else "" for line in written)
    return lines


def _commented(code: str, comments: Comments) -> list[str]:
    return [*comments.above, f"{code}  {comments.behind}" if comments.behind else code]


def _formal(formal: Formal) -> str:
    if formal.default is None:
        return formal.name.text
    return f"{formal.name.text} = {format_expression(formal.default)}"


def _statement(statement: Statement) -> str:
    match statement:
        case Let(name=name, value=value):
            return f"let {name.text} = {format_expression(value)}"
        case Return(value=value):
            return f"return {format_expression(value)}"
        case Param(name=name, initial=initial, bounds=bounds, per_channel=per_channel):
            text = f"param {name.text} = {format_expression(initial)}"
            if bounds is not None:
                text += f" in [{', '.join(map(format_expression, bounds))}]"
            return text + " per channel" if per_channel else text


def _expression(part: Expression, texts: dict[int, str]) -> str:
    """One expression, given the texts of its parts."""

    def operand(child: Expression, least: int) -> str:
        text = texts[id(child)]
        return text if _binding(child) >= least else f"({text})"

    match part:
        case Number(value=value):
            return format_number(value)
        case Name(text=text):
            return text
        case Group(inner=inner):
            return texts[id(inner)]
        case Call(function=function, arguments=arguments):
            return f"{function.text}({', '.join(texts[id(a)] for a in arguments)})"
        case Unary(op="not", operand=inner):
            return f"not {operand(inner, _UNARY['not'][1])}"
        case Unary(operand=inner):
            literal = ungrouped(inner)
            if isinstance(literal, Number) and not _is_negative(literal):
                return f"-({texts[id(inner)]})"  # without parentheses it would be a literal too
            return f"-{operand(inner, _SIGNED)}"
        case Binary(op=op, left=left, right=right):
            _, least_left, least_right = _BINARY[op]
            space = "" if op == "pow" else " "
            infix = f"{space}{TABLE[op].symbol}{space}"
            return operand(left, least_left) + infix + operand(right, least_right)


def _binding(expression: Expression) -> int:
    match ungrouped(expression):
        case Binary(op=op):
            return _BINARY[op][0]
        case Unary(op=op):
            return _UNARY[op][0]
        case Number() as number if _is_negative(number):
            return _SIGNED
        case _:
            return _ATOM


def _is_negative(number: Number) -> bool:
    return math.copysign(1.0, number.value) < 0
