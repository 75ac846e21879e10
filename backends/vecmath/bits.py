# ruff: noqa: ARG001  (Numba passes the arguments)
"""The four machine operations the vector mathematics rests on, as Numba intrinsics.

Each becomes one LLVM instruction, so the loop vectoriser can widen it. Caution: a target
without fused multiply-add (x86 before Haswell) gets a slow library call for `fma`.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def fma(typing_context, a, b, c):
    """a * b + c, rounded once."""

    def build(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), build


@intrinsic
def round_even(typing_context, x):
    """x rounded to the nearest integer, ties to even."""

    def build(context, builder, signature, arguments):
        rint = builder.module.declare_intrinsic("llvm.rint", [ir.DoubleType()])
        return builder.call(rint, arguments)

    return types.float64(types.float64), build


@intrinsic
def bits_of(typing_context, x):
    """The IEEE 754 pattern of x, as an integer."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), build


@intrinsic
def float_of(typing_context, pattern):
    """The number whose IEEE 754 pattern is `pattern`."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), build
