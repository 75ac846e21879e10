"""What the subset of Python calls, as LLVM instructions: arithmetic, choices, machine operations.

Values are float64, int64 or bool. Nothing here sets a fast-math flag, so NaN, infinities and signed
zeros are what IEEE 754 says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from actdsl.backends.vecmath.fallback import library_beyond

REAL = ir.DoubleType()
INTEGER = ir.IntType(64)
TRUTH = ir.IntType(1)

KINDS = {"float": REAL, "int": INTEGER, "bool": TRUTH}
"""What an annotation of the subset stands for."""

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
_BEYOND = {"sin_beyond": "sin", "cos_beyond": "cos", "tan_beyond": "tan"}
_INTRINSICS = {
    "math.fabs": "llvm.fabs", "abs": "llvm.fabs", "math.sqrt": "llvm.sqrt",
    "math.copysign": "llvm.copysign", "np.floor": "llvm.floor", "np.ceil": "llvm.ceil",
    "np.rint": "llvm.rint", "round_even": "llvm.rint", "fma": "llvm.fma",
}  # fmt: skip


def constant(value: bool | int | float) -> ir.Constant:
    """A number of the subset."""
    if isinstance(value, bool):
        return ir.Constant(TRUTH, value)
    return ir.Constant(INTEGER if isinstance(value, int) else REAL, value)


def real(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """The value as a float64."""
    if value.type == REAL:
        return value
    if isinstance(value, ir.Constant):
        return ir.Constant(REAL, float(value.constant))
    convert = builder.uitofp if value.type == TRUTH else builder.sitofp
    return convert(value, REAL)


def arithmetic(builder: ir.IRBuilder, op: ast.operator, a: ir.Value, b: ir.Value) -> ir.Value:
    """A binary operator of Python's, on two integers or truths or else on two float64."""
    if isinstance(op, ast.Mod):
        return _floor_mod(builder, real(builder, a), real(builder, b))
    if a.type == b.type != REAL and not isinstance(op, ast.Div):
        return getattr(builder, _WHOLE_ARITHMETIC[type(op)])(a, b)
    return getattr(builder, _REAL_ARITHMETIC[type(op)])(real(builder, a), real(builder, b))


def compare(builder: ir.IRBuilder, op: ast.cmpop, a: ir.Value, b: ir.Value) -> ir.Value:
    """A comparison; only ``!=`` is true of NaN."""
    sign = _COMPARISONS[type(op)]
    if a.type == b.type == INTEGER:
        return builder.icmp_signed(sign, a, b)
    a, b = real(builder, a), real(builder, b)
    return (builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered)(sign, a, b)


def negative(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """The value with its sign turned."""
    if isinstance(value, ir.Constant):
        return ir.Constant(value.type, -value.constant)
    return builder.fneg(value) if value.type == REAL else builder.neg(value)


def operation(name: str) -> Callable[[ir.IRBuilder, Sequence[ir.Value]], ir.Value] | None:
    """The machine operation that a function's name stands for, if it is one."""
    if name in _BEYOND:
        return lambda b, args: b.call(library_beyond(b.module, _BEYOND[name]), args)
    if name in _INTRINSICS:
        return lambda b, args: _intrinsic(b, _INTRINSICS[name], args)
    return _OPERATIONS.get(name)


def _intrinsic(builder: ir.IRBuilder, name: str, args: Sequence[ir.Value]) -> ir.Value:
    kind = ir.FunctionType(REAL, [REAL] * len(args))
    function = builder.module.declare_intrinsic(name, [REAL], kind)
    return builder.call(function, [real(builder, arg) for arg in args])


def _floor_mod(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """Python's float remainder: exact, with the sign of b."""
    rest = builder.frem(a, b)
    zero = ir.Constant(REAL, 0.0)
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
    "np.float64": lambda builder, args: real(builder, args[0]),
    "bits_of": lambda builder, args: builder.bitcast(args[0], INTEGER),
    "float_of": lambda builder, args: builder.bitcast(args[0], REAL),
}
