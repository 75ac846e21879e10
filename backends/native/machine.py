"""What the subset of Python calls, as LLVM instructions: arithmetic, choices, machine operations.

Values are float64, float32, int64, int32 or bool. Two that meet are brought to the wider kind, but a
literal takes the kind of what it meets. Nothing here sets a fast-math flag, so NaN, infinities and
signed zeros are what IEEE 754 says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from actdsl.backends.vecmath.fallback import library_beyond

REAL, SINGLE = ir.DoubleType(), ir.FloatType()
INTEGER, WORD = ir.IntType(64), ir.IntType(32)
TRUTH = ir.IntType(1)

KINDS = {"float": REAL, "float32": SINGLE, "int": INTEGER, "int32": WORD, "bool": TRUTH}
"""What an annotation of the subset stands for."""

_BY_WIDTH = (TRUTH, WORD, INTEGER, SINGLE, REAL)
_BITS = {REAL: INTEGER, SINGLE: WORD}

_COMPARISONS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_REAL_ARITHMETIC = {
    ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv",
}  # fmt: skip
_WHOLE_ARITHMETIC = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.BitAnd: "and_", ast.BitOr: "or_",
    ast.BitXor: "xor", ast.LShift: "shl", ast.RShift: "ashr",
}  # fmt: skip
_BEYOND = {f"{name}_beyond{suffix}": name for name in ("sin", "cos", "tan") for suffix in ("", "f")}
_INTRINSICS = {
    "math.fabs": "llvm.fabs", "abs": "llvm.fabs", "math.sqrt": "llvm.sqrt",
    "math.copysign": "llvm.copysign", "np.floor": "llvm.floor", "np.ceil": "llvm.ceil",
    "np.rint": "llvm.rint", "round_even": "llvm.rint", "fma": "llvm.fma",
}  # fmt: skip


def constant(value: bool | int | float) -> ir.Constant:
    """A literal of the subset."""
    if isinstance(value, bool):
        return ir.Constant(TRUTH, value)
    return ir.Constant(INTEGER if isinstance(value, int) else REAL, value)


def as_kind(builder: ir.IRBuilder, value: ir.Value, kind: ir.Type) -> ir.Value:
    """A number as one of another kind."""
    if value.type == kind:
        return value
    if isinstance(value, ir.Constant):
        return ir.Constant(kind, float(value.constant) if _real(kind) else int(value.constant))
    if _real(value.type):
        convert = builder.fpext if kind == REAL else builder.fptrunc
    elif _real(kind):
        convert = builder.uitofp if value.type == TRUTH else builder.sitofp
    elif value.type == TRUTH:
        convert = builder.zext
    else:
        convert = builder.sext if kind == INTEGER else builder.trunc
    return convert(value, kind)


def alike(builder: ir.IRBuilder, values: Sequence[ir.Value]) -> list[ir.Value]:
    """Numbers that meet, brought to one kind."""
    kind = _common(values)
    return [as_kind(builder, value, kind) for value in values]


def arithmetic(builder: ir.IRBuilder, op: ast.operator, a: ir.Value, b: ir.Value) -> ir.Value:
    """A binary operator of Python's."""
    a, b = alike(builder, [a, b])
    if isinstance(op, ast.Div | ast.Mod) and not _real(a.type):
        a, b = (as_kind(builder, value, REAL) for value in (a, b))
    if isinstance(op, ast.Mod):
        return _floor_mod(builder, a, b)
    table = _REAL_ARITHMETIC if _real(a.type) else _WHOLE_ARITHMETIC
    return getattr(builder, table[type(op)])(a, b)


def compare(builder: ir.IRBuilder, op: ast.cmpop, a: ir.Value, b: ir.Value) -> ir.Value:
    """A comparison; only ``!=`` is true of NaN."""
    sign = _COMPARISONS[type(op)]
    a, b = alike(builder, [a, b])
    if not _real(a.type):
        return builder.icmp_signed(sign, a, b)
    return (builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered)(sign, a, b)


def negative(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """The value with its sign turned."""
    if isinstance(value, ir.Constant):
        return ir.Constant(value.type, -value.constant)
    return builder.fneg(value) if _real(value.type) else builder.neg(value)


def operation(name: str) -> Callable[[ir.IRBuilder, Sequence[ir.Value]], ir.Value] | None:
    """The machine operation that a function's name stands for, if it is one."""
    if name in _BEYOND:
        return lambda b, args: b.call(library_beyond(b.module, _BEYOND[name], args[0].type), args)
    if name in _INTRINSICS:
        return lambda b, args: _intrinsic(b, _INTRINSICS[name], args)
    return _OPERATIONS.get(name)


def _real(kind: ir.Type) -> bool:
    return kind in (REAL, SINGLE)


def _common(values: Sequence[ir.Value]) -> ir.Type:
    """The kind of numbers that meet: literals only count where all are literals."""
    firm = [v.type for v in values if not isinstance(v, ir.Constant)]
    kind = max(firm or [v.type for v in values], key=_BY_WIDTH.index)
    if not _real(kind) and any(_real(v.type) for v in values):
        return SINGLE if kind == WORD else REAL
    return kind


def _intrinsic(builder: ir.IRBuilder, name: str, args: Sequence[ir.Value]) -> ir.Value:
    args = alike(builder, args)
    kind = args[0].type
    if not _real(kind):
        return _intrinsic(builder, name, [as_kind(builder, arg, REAL) for arg in args])
    function = ir.FunctionType(kind, [kind] * len(args))
    return builder.call(builder.module.declare_intrinsic(name, [kind], function), args)


def _floor_mod(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """Python's float remainder: exact, with the sign of b."""
    rest = builder.frem(a, b)
    zero = ir.Constant(a.type, 0.0)
    opposite = builder.xor(
        builder.fcmp_ordered("<", rest, zero), builder.fcmp_ordered("<", b, zero)
    )
    moved = builder.and_(opposite, builder.fcmp_unordered("!=", rest, zero))
    return builder.select(moved, builder.fadd(rest, b), rest)


def _least(builder: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    a, b = args
    return builder.select(builder.icmp_signed("<", a, b), a, b)


_OPERATIONS: dict[str, Callable[[ir.IRBuilder, Sequence[Any]], ir.Value]] = {
    "min": _least,
    "np.float64": lambda builder, args: as_kind(builder, args[0], REAL),
    "np.float32": lambda builder, args: as_kind(builder, args[0], SINGLE),
    "bits_of": lambda builder, args: builder.bitcast(args[0], _BITS[args[0].type]),
    "float_of": lambda builder, args: builder.bitcast(
        args[0], SINGLE if args[0].type == WORD else REAL
    ),
}
