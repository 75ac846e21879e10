"""Numba's CUDA compiler, and functions that it knows as instructions rather than as Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

try:
    import_module("numba_cuda")  # numba has a module cuda of its own, for older toolkits
    cuda: Any = import_module("numba.cuda")
    libdevice: Any = import_module("numba.cuda.libdevice")
    types: Any = import_module("numba.cuda.types")
    extending: Any = import_module("numba.cuda.extending")
    ir: Any = import_module("llvmlite.ir")
except ImportError as missing:
    raise ImportError("CUDA kernels need numba-cuda: pip install 'actdsl[cuda]'") from missing

# Inlined by Numba, so that a kernel compiles where there is no device.
device: Callable[[Any], Any] = cuda.jit(device=True, inline="always")
kernel: Callable[[Any], Any] = cuda.jit
SIMULATED: bool = bool(cuda.config.ENABLE_CUDASIM)


def lowered(meaning: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """A decorator for a Numba intrinsic, which gives LLVM's builder what a call becomes.

    Numba's simulator, which knows no LLVM, calls ``meaning`` instead.
    """
    return lambda typed: meaning if SIMULATED else extending.intrinsic(typed)


def formula(results: int = 1) -> Callable[[Callable[..., Any]], Any]:
    """A decorator for a function from values of the working type to one or some of them."""

    def form(*values: Any) -> Any:
        found = values[0] if results == 1 else types.UniTuple(values[0], results)
        return found(*[values[0]] * len(values))

    return lambda function: inlined(function, form)


def inlined(function: Callable[..., Any], form: Callable[..., Any]) -> Any:
    """A device function compiled once, and inlined by LLVM: quicker than where Numba does it.

    ``form`` gives its signature, from the types that it is called with.
    """

    def typed(_: Any, *values: Any) -> Any:
        own = form(*values)

        def call(context: Any, builder: Any, _form: Any, operands: Any) -> Any:
            flags = compilation().copy()
            flags.forceinline = True
            program = context.compile_subroutine(builder, function, own, flags=flags)
            return context.call_internal(builder, program.fndesc, own, operands)

        return own, call

    shown = inspect.signature(function)
    compiler = inspect.Parameter("_", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    vars(typed)["__signature__"] = shown.replace(parameters=[compiler, *shown.parameters.values()])
    return lowered(function)(typed)


def compilation() -> Any:
    """The flags of the compilation under way."""
    return import_module("numba.cuda.core.targetconfig").ConfigStack().top()


def instruction(text: str, meaning: Callable[..., Any]) -> Any:
    """A device function of float32 values that is one instruction of PTX.

    Args:
        text: the instruction with its operands, the result as ``$0``.
        meaning: what it computes, in Python.
    """

    def call(_: Any, builder: Any, _form: Any, operands: Any) -> Any:
        single = ir.FloatType()
        form = ir.FunctionType(single, [single] * len(operands))
        code = ir.InlineAsm(form, f"{text};", ",".join(["=f", *["f"] * len(operands)]))
        return builder.call(code, operands, attrs=("nounwind", "readnone"))

    @lowered(meaning)
    def of_one(_: Any, _x: Any) -> Any:
        return types.float32(types.float32), call

    @lowered(meaning)
    def of_two(_: Any, _a: Any, _b: Any) -> Any:
        return types.float32(types.float32, types.float32), call

    return of_two if "$2" in text else of_one


ex2 = instruction("ex2.approx.ftz.f32 $0, $1", np.exp2)
lg2 = instruction("lg2.approx.f32 $0, $1", np.log2)
rcp = instruction("rcp.approx.ftz.f32 $0, $1", lambda x: type(x)(1.0) / x)
tanh_approx = instruction("tanh.approx.f32 $0, $1", np.tanh)
sqrt_approx = instruction("sqrt.approx.f32 $0, $1", np.sqrt)
rsqrt_approx = instruction("rsqrt.approx.f32 $0, $1", lambda x: type(x)(1.0) / np.sqrt(x))
div_full = instruction("div.full.f32 $0, $1, $2", lambda a, b: a / b)


@lowered(lambda a, b, c: type(c)(float(a) * float(b) + float(c)))
def fma(_: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, rounded once."""

    def call(_: Any, builder: Any, _form: Any, operands: Any) -> Any:
        return builder.fma(*operands)

    return c(a, b, c), call


@lowered(lambda x: int(x.view(np.int32)))
def bits_of(_: Any, x: Any) -> Any:
    """The pattern of a float32, as an integer of its sign."""

    def call(_: Any, builder: Any, _form: Any, operands: Any) -> Any:
        return builder.bitcast(operands[0], ir.IntType(32))

    return types.int32(x), call


@lowered(lambda x, k: -x if k & 1 else x)
def with_sign(_: Any, x: Any, k: Any) -> Any:
    """-x if k is odd, else x: of a float32, whose first bit tells its sign."""

    def call(context: Any, builder: Any, form: Any, operands: Any) -> Any:
        odd = context.cast(builder, operands[1], form.args[1], types.int32)
        sign = builder.shl(odd, ir.Constant(ir.IntType(32), 31))
        bits = builder.xor(builder.bitcast(operands[0], ir.IntType(32)), sign)
        return builder.bitcast(bits, ir.FloatType())

    return x(x, k), call
