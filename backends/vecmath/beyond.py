# ruff: noqa: ARG001  (Numba passes the arguments)
"""The C library's sine, cosine and tangent for arguments beyond the reach of the fast reduction."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from actdsl.backends.vecmath.fallback import library_beyond


@intrinsic
def sin_beyond(typing_context, x, y):
    """y, but the C library's sin x where |x| > 2**45."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "sin"), arguments)

    return types.float64(types.float64, types.float64), build


@intrinsic
def cos_beyond(typing_context, x, y):
    """y, but the C library's cos x where |x| > 2**45."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "cos"), arguments)

    return types.float64(types.float64, types.float64), build


@intrinsic
def tan_beyond(typing_context, x, y):
    """y, but the C library's tan x where |x| > 2**45."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "tan"), arguments)

    return types.float64(types.float64, types.float64), build


@intrinsic
def sin_beyondf(typing_context, x, y):
    """y, but the C library's sin x, rounded, where |x| > 2**17."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "sin", ir.FloatType()), arguments)

    return types.float32(types.float32, types.float32), build


@intrinsic
def cos_beyondf(typing_context, x, y):
    """y, but the C library's cos x, rounded, where |x| > 2**17."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "cos", ir.FloatType()), arguments)

    return types.float32(types.float32, types.float32), build
