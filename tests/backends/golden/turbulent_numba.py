"""turbulent: an activation function, compiled by actdsl 0.1.0 for numba.

Batch statistics in the activation, mined by a language model. It won the micro-lab and
failed in the field: what it learns is the batch. The base is not public; sign(x) *
log1p(0.5 * abs(x)) stands in for it.

    activation turbulent(x):
        let base = sign(x) * log1p(0.5 * abs(x))
        let z = (x - mean(x)) / (std(x) + 1e-6)
        return base + 0.2 * exp(-z**2 / 2) * sin(2 * x)

Cost per element: 60 FLOPs, 3 transcendental, 16 bytes moved in float32.
Canonical hash: b05b119024641281
"""

from __future__ import annotations

import math
import numba
import numpy as np
import torch
from collections.abc import Callable, Mapping, Sequence
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from torch import Tensor, nn
from typing import Any


Step = Callable[[Sequence[Tensor]], Sequence[Tensor]]


def differentiable(
    forward: Step, backward: Step, second: Step, inputs: int
) -> Callable[..., Tensor]:
    """A function of ``inputs`` tensors of one shape, then of parameters, differentiable twice.

    Steps take and give lists of tensors. ``forward``: inputs and parameters to the output.
    ``backward``: the cotangent and the same, to a gradient for each. ``second``: the cotangents of
    the inputs' gradients, the cotangent, the inputs, the cotangents of the parameters' gradients,
    the parameters, to a gradient for each of ``backward``'s. Works under ``torch.func`` and, once,
    under ``torch.compile``.
    """
    gradient = gradient_function(backward, second, inputs)

    class Forward(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*tensors: Tensor) -> Tensor:
            return forward(tensors)[0]

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
            # torch.compile differentiates once, and cannot trace one Function inside another.
            step = gradient.forward if torch.compiler.is_compiling() else gradient.apply
            gradients: tuple[Tensor, ...] = step(grad, *ctx.saved_tensors)
            return gradients

    apply: Callable[..., Tensor] = Forward.apply
    return apply


def gradient_function(backward: Step, second: Step, inputs: int) -> type[torch.autograd.Function]:
    """The gradient as a function of the cotangent and the tensors, itself differentiable."""

    class Backward(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*tensors: Tensor) -> tuple[Tensor, ...]:
            return tuple(backward(tensors))

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, *flows: Tensor) -> tuple[Tensor, ...]:
            grad, *tensors = ctx.saved_tensors
            arrays, params = tensors[:inputs], tensors[inputs:]
            return tuple(second([*flows[:inputs], grad, *arrays, *flows[inputs:], *params]))

    return Backward


def as_parameter(value: Tensor | float, like: Tensor, each: bool = False) -> Tensor:
    """A parameter in the type and on the device of the input; ``each``: one per channel."""
    if isinstance(value, Tensor):
        tensor = value.to(dtype=like.dtype, device=like.device)
    else:  # filled on the device, not copied to it
        tensor = torch.full((), value, dtype=like.dtype, device=like.device)
    return tensor.expand(like.shape[-1:]) if each else tensor


def places(inputs: int, params: int) -> tuple[list[int], list[int], list[int]]:
    """For each step, which of its tensors its results are shaped like."""
    both = inputs + params
    twice = [*range(inputs, 2 * inputs + 1), *range(2 * inputs + 1 + params, 2 * both + 1)]
    return [0], [*range(1, both + 1)], twice


def extents(shape: Sequence[int]) -> tuple[int, int, int]:
    """Sizes of the first axis, of those between, and of the last; a vector is one row."""
    if len(shape) < 2:
        return 1, 1, math.prod(shape)
    return shape[0], math.prod(shape[1:-1]), shape[-1]


Array = np.ndarray[Any, np.dtype[Any]]


def run(
    kernels: Mapping[str, Callable[..., None]],
    inputs: Sequence[Array],
    params: Sequence[Array],
    outputs: int,
    sums: Sequence[Array],
    shaped: bool,
) -> list[Array]:
    """Run the kernel for the type of some arrays of one shape; give its outputs, then its sums.

    Sums are shaped as ``sums``. Arrays are read in place when they are contiguous, and copied first
    when they are not. A kernel that is ``shaped`` is told the sizes of the first, the inner and the
    last axes; another, the size.
    """
    first = inputs[0]
    if any(array.shape != first.shape for array in inputs):
        raise ValueError(f"shapes differ: {', '.join(str(a.shape) for a in inputs)}")
    flat = [np.ascontiguousarray(array).reshape(-1) for array in inputs]
    written = [np.empty(first.size, dtype=first.dtype) for _ in range(outputs)]
    totals = [np.zeros(target.size) for target in sums]
    vectors = [np.ascontiguousarray(p, dtype=np.float64).reshape(-1) for p in params]
    if first.size:
        kernels[first.dtype.name](
            *flat, *vectors, *written, *totals, *(extents(first.shape) if shaped else (first.size,))
        )
    return [
        *(array.reshape(first.shape) for array in written),
        *(t.reshape(p.shape).astype(first.dtype) for t, p in zip(totals, sums, strict=True)),
    ]


def supported(array: Array) -> Array:
    """The array, if its type has a kernel."""
    if array.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{array.dtype} is not supported: use float32 or float64, "
            "for example x.astype(np.float32)"
        )
    return array


def operator(name: str, device: str, run: Step, places: Sequence[int]) -> Step:
    """Register a kernel as the operator ``actdsl::name`` for a type of device.

    It takes and gives a list of tensors; result k is shaped and typed like tensor ``places[k]``,
    which is all that its fake kernel says. Under vmap it runs once per sample.
    """
    registered = torch.library.custom_op(
        f"actdsl::{name}",
        run,
        mutates_args=(),
        device_types=device,
        schema="(Tensor[] tensors) -> Tensor[]",
    )

    @registered.register_fake
    def fake(tensors: Sequence[Tensor]) -> list[Tensor]:
        return [tensors[k].new_empty(tensors[k].shape) for k in places]

    @registered.register_vmap
    def vmap(
        info: Any, in_dims: tuple[Sequence[int | None]], tensors: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[int]]:
        return by_sample(registered, batched(info.batch_size, in_dims[0], tensors))

    overload = getattr(torch.ops.actdsl, name).default  # which torch.compile can trace
    return lambda tensors: overload(list(tensors))


def batched(size: int, dims: Sequence[int | None], tensors: Sequence[Tensor]) -> list[Tensor]:
    """Tensors with vmap's dimension first; those that have none, the same for every sample."""
    return [
        tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
        for tensor, dim in zip(tensors, dims, strict=True)
    ]


def by_sample(
    call: Callable[[list[Tensor]], list[Tensor]], tensors: Sequence[Tensor]
) -> tuple[list[Tensor], list[int]]:
    """What an operator gives for each sample, joined, and vmap's dimension in each result."""
    samples = [call(list(sample)) for sample in zip(*tensors, strict=True)]
    stacked = [torch.stack(results) for results in zip(*samples, strict=True)]
    return stacked, [0] * len(stacked)


_HALVES = (torch.float16, torch.bfloat16)


def cpu_step(
    kernels: Mapping[str, Callable[..., None]],
    inputs: int,
    outputs: int,
    sums: int,
    shaped: bool,
) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """Kernels, by type of array, as a step.

    It takes a list of tensors: ``inputs`` of one shape, and then parameters.
    """

    def run_on_tensors(tensors: Sequence[Tensor]) -> list[Tensor]:
        dtype = tensors[0].dtype
        if dtype not in (*_HALVES, torch.float32, torch.float64):
            raise TypeError(
                f"{dtype} is not supported: use float16, bfloat16, float32 or float64, "
                "for example x.to(torch.float32)"
            )
        wide = torch.float32 if dtype in _HALVES else dtype
        arrays = [tensor.detach().to(wide).numpy() for tensor in tensors]
        params = arrays[inputs:]
        results = run(
            kernels, arrays[:inputs], params, outputs, params[len(params) - sums :], shaped
        )
        return [torch.from_numpy(array).to(dtype) for array in results]

    return run_on_tensors


class Bounded(torch.autograd.Function):
    """A parameter held within its bounds; a gradient that pushes it further out is dropped."""

    generate_vmap_rule = True

    @staticmethod
    def forward(param: Tensor, lower: float, upper: float) -> Tensor:
        return param.clamp(lower, upper)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float, float], output: Tensor) -> None:
        param, ctx.lower, ctx.upper = inputs
        ctx.save_for_backward(param)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (param,) = ctx.saved_tensors
        outwards = ((param <= ctx.lower) & (grad > 0)) | ((param >= ctx.upper) & (grad < 0))
        return grad.masked_fill(outwards, 0.0), None, None


class Layer(nn.Module):
    """The base of every activation's module.

    Subclasses give ``_params``, rows of (name, initial value, lower bound, upper bound, per
    channel), and ``_activate``.

    Args:
        channels: size of the channel axis; needed when a parameter is per channel.
        axis: the feature (channel) axis of the inputs.
        device, dtype: of the parameters, as in every torch module.
    """

    _params: Sequence[tuple[str, float, float, float, bool]] = ()

    def __init__(
        self,
        channels: int | None = None,
        axis: int = -1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.channels, self.axis = channels, axis
        for name, initial, _, _, per_channel in self._params:
            if per_channel and channels is None:
                raise ValueError(
                    f"parameter '{name}' is per channel: pass channels=, the size of the channel axis"
                )
            shape = (channels,) if per_channel and channels is not None else ()
            value = torch.full(shape, initial, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(value))

    def _activate(self, *tensors: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, *inputs: Tensor) -> Tensor:
        """The activation of its inputs, which have one shape; the output has it too."""
        params = [self._held(*row) for row in self._params]
        if self.axis in (-1, inputs[0].ndim - 1):
            return self._activate(*inputs, *params)
        moved = [tensor.movedim(self.axis, -1) for tensor in inputs]
        return self._activate(*moved, *params).movedim(-1, self.axis)

    def _held(self, name: str, _initial: float, lower: float, upper: float, _each: bool) -> Tensor:
        param: Tensor = getattr(self, name)
        if math.isinf(lower) and math.isinf(upper):
            return param
        held: Tensor = Bounded.apply(param, lower, upper)  # type: ignore[no-untyped-call]
        return held

    def extra_repr(self) -> str:
        """What ``print(module)`` shows between the parentheses."""
        shown = [f"{name}={initial}" for name, initial, *_ in self._params]
        if self.channels is not None:
            shown.append(f"channels={self.channels}")
        return ", ".join(shown if self.axis == -1 else [*shown, f"axis={self.axis}"])


@intrinsic
def bits_of(typing_context, x):
    """The IEEE 754 pattern of x, as an integer."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), build

def choice(module, name, kind, lanes, slow):
    """Define `name`(x, y) over `lanes` numbers: y, or lane by lane `slow` if any |x| is large."""
    shape = kind if lanes == 1 else ir.VectorType(kind, lanes)
    function = ir.Function(module, ir.FunctionType(shape, [shape, shape]), name)
    # Weak: every module brings its own copy, and none may be dropped before vectorisation.
    function.linkage = "weak_odr"
    for attribute in ("nounwind", "readnone", "noinline"):
        function.attributes.add(attribute)
    x, y = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    bound = ir.Constant(kind, 2.0**45 if kind == ir.DoubleType() else 2.0**17)
    limit = bound if lanes == 1 else ir.Constant(shape, [bound] * lanes)
    above = builder.fcmp_ordered(">", x, limit)
    below = builder.fcmp_ordered("<", x, builder.fneg(limit))
    flags = builder.bitcast(builder.or_(above, below), ir.IntType(lanes))
    with builder.if_then(builder.icmp_unsigned("!=", flags, flags.type(0)), likely=False):
        if lanes == 1:
            real = ir.DoubleType()
            result = builder.call(slow, [x if kind == real else builder.fpext(x, real)])
            builder.ret(result if kind == real else builder.fptrunc(result, kind))
        else:
            result = y
            for lane in map(ir.IntType(32), range(lanes)):
                pair = [builder.extract_element(vector, lane) for vector in (x, y)]
                result = builder.insert_element(result, builder.call(slow, pair), lane)
            builder.ret(result)
    builder.ret(y)
    return function

def library_beyond(module, name, kind=None):
    """The LLVM function (x, y) -> y, or the library's `name`(x) where |x| is large.

    Of float64 beyond 2**45, unless told otherwise, or of float32 beyond 2**17. The library's function
    is that of float64.
    """
    real = ir.DoubleType()
    kind = kind or real
    scalar_name = f"vecmath_{name}_beyond{'' if kind == real else 'f'}"
    if scalar_name in module.globals:
        return module.globals[scalar_name]
    library = module.globals.get(name)
    if library is None:
        library = ir.Function(module, ir.FunctionType(real, [real]), name)
        # Without nobuiltin the vectoriser would call the library for every element.
        for attribute in ("nounwind", "readnone", "nobuiltin"):
            library.attributes.add(attribute)
    scalar = choice(module, scalar_name, kind, 1, library)
    names = [(lanes, f"{scalar_name}_{lanes}") for lanes in (2, 4, 8, 16)]
    for lanes, vector_name in names:
        choice(module, vector_name, kind, lanes, scalar)
    # LLVM's vector function ABI: N for unmasked, the lanes, v for each vector argument. The
    # attribute is free text, which llvmlite's own `add` does not admit.
    forms = ",".join(f"_ZGV_LLVM_N{lanes}vv_{scalar_name}({form})" for lanes, form in names)
    set.add(scalar.attributes, f'"vector-function-abi-variant"="{forms}"')
    return scalar

@intrinsic
def cos_beyond(typing_context, x, y):
    """y, but the C library's cos x where |x| > 2**45."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "cos"), arguments)

    return types.float64(types.float64, types.float64), build

@intrinsic
def fma(typing_context, a, b, c):
    """a * b + c, rounded once."""

    def build(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), build

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def cosine(r: float, low: float) -> float:
    """cos(r + low), |r| <= pi/4, |low| within an ulp of r. Degree 14; error 0.01 * 2**-53."""
    z = r * r
    p = fma(-1.1381752459316326e-11, z, 2.0876133993327844e-09)
    p = fma(p, z, -2.755731721253751e-07)
    p = fma(p, z, 2.4801587298651e-05)
    p = fma(p, z, -0.0013888888888887322)
    p = fma(p, z, 0.041666666666666664)
    return 1.0 - fma(z, 0.5, fma(r, low, -p * (z * z)))

@intrinsic
def float_of(typing_context, pattern):
    """The number whose IEEE 754 pattern is `pattern`."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), build

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def quarter_turns(x: float) -> tuple[float, float, int]:
    """(r, low, q) with x = q pi/2 + r + low, |r| <= pi/4, for |x| <= 2**45; q counts modulo 4."""
    shifted = fma(x, 0.6366197723675814, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    # The first step is exact.
    r = fma(k, -1.5707963267948966, x)
    r = fma(k, -6.123233995736766e-17, r)
    r = fma(k, 1.4973849048591833e-33, r)
    return r, -0.0, bits_of(shifted)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sine(r: float, low: float) -> float:
    """sin(r + low), |r| <= pi/4, |low| within an ulp of r. Degree 13; error 0.2 * 2**-53."""
    z = r * r
    p = fma(1.5916722686286264e-10, z, -2.5051112223400195e-08)
    p = fma(p, z, 2.755731600793325e-06)
    p = fma(p, z, -0.00019841269836575246)
    p = fma(p, z, 0.008333333333330827)
    p = fma(p, z, -0.16666666666666666)
    return r + fma(p, z * r, low)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def cos(x: float) -> float:
    """Cosine of x radians."""
    r, low, q = quarter_turns(x)
    y = cosine(r, low) if q & 1 == 0 else sine(r, low)
    y = float_of(bits_of(y) ^ (((q + 1) & 2) << 62))
    return cos_beyond(x, y)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def half_turn(r: float) -> float:
    """sin r for |r| <= pi/2. Degree 11; error 2**-33."""
    z = r * r
    w = z * z
    s = fma(-2.407637307022495e-08, z, 2.7536298330965396e-06)
    s = fma(s, w, fma(-0.00019841084371803204, z, 0.008333332759723729))
    s = fma(s, z, -0.16666666663825358)
    return r * fma(s, z, 1.0)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def signed(y: float, turns: int) -> float:
    """y, its sign turned for an odd number of half turns."""
    return float_of(bits_of(y) ^ (turns << 63))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def cos_short(x: float) -> float:
    """Cosine of x radians: zeros are at odd multiples of pi/2."""
    shifted = fma(x, 0.3183098861837907, -0.5) + 6755399441055744.0
    k = (shifted - 6755399441055744.0) + 0.5
    r = fma(k, -1.2246467991473532e-16, fma(k, -3.141592653589793, x))
    return cos_beyond(x, signed(half_turn(r), bits_of(shifted) + 1))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def two_to(k: float) -> float:
    """2**k for an integral k from -1022 to 1023; 0 for -1023."""
    return float_of(bits_of(k + 6755399441056767.0) << 52)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def exp_sum(high: float, low: float) -> float:
    """e**(high + low) for |low| below an ulp of high.

    Q has degree 9 on +-0.3466; its error is 0.12 * 2**-53 of the result.
    """
    x = 710.0 if high > 710.0 else high
    x = -746.0 if x < -746.0 else x
    k = fma(x, 1.4426950408889634, 6755399441055744.0) - 6755399441055744.0
    r = fma(k, -0.6931471805599453, x)
    r = fma(k, -2.3190468138462996e-17, r) + low
    p = fma(2.510038549551032e-08, r, 2.7620088445409746e-07)
    p = fma(p, r, 2.7557268459997064e-06)
    p = fma(p, r, 2.4801521295954376e-05)
    p = fma(p, r, 0.00019841269863053618)
    p = fma(p, r, 0.0013888888917213717)
    p = fma(p, r, 0.008333333333330062)
    p = fma(p, r, 0.04166666666662413)
    p = fma(p, r, 0.16666666666666669)
    p = fma(p, r, 0.5000000000000001)
    p = 1.0 + fma(p, r * r, r)
    # Two factors, because 2**k alone leaves the range before the product does.
    half = fma(k, 0.5, 6755399441055744.0) - 6755399441055744.0
    return p * two_to(half) * two_to(k - half)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def exp(x: float) -> float:
    """e**x."""
    return exp_sum(x, -0.0)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def exp_short(x: float) -> float:
    """e**x. Q has degree 5; error 2**-32."""
    x = 709.7 if x > 709.7 else x
    x = -709.0 if x < -709.0 else x
    shifted = fma(x, 1.4426950408889634, 6755399441056767.0)
    r = fma(shifted - 6755399441056767.0, -0.6931471805599453, x)
    z = r * r
    q = fma(
        fma(0.00019890990824673654, r, 0.0013933649996309251),
        z,
        fma(0.0083333109254809, r, 0.041666464925285904),
    )
    q = fma(q, z, fma(0.16666666681623232, r, 0.500000001346581))
    return fma(q, z, 1.0 + r) * float_of(bits_of(shifted) << 52)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log_limits(x: float, y: float) -> float:
    """y, but the limit of the logarithm where x is zero, negative, infinite or NaN."""
    y = y if x < math.inf else x
    y = -math.inf if x == 0.0 else y
    return math.nan if x < 0.0 else y

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log_tail(f: float) -> float:
    """log(1 + f) - f for sqrt(1/2) <= 1 + f <= sqrt(2).

    The polynomial in s**2 has degree 6 on [0, 0.0295]; error 0.04 * 2**-53.
    """
    s = f / (2.0 + f)
    z = s * s
    p = fma(0.14616585424930004, z, 0.15331710618206815)
    p = fma(p, z, 0.18182889455675091)
    p = fma(p, z, 0.22222211130259875)
    p = fma(p, z, 0.2857142862600327)
    p = fma(p, z, 0.39999999999899444)
    p = fma(p, z, 0.666666666666667)
    half_square = 0.5 * f * f
    return fma(s, fma(p, z, half_square), -half_square)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def split(x: float) -> tuple[float, float]:
    """(k, m) with x = 2**k m, k integral and sqrt(1/2) <= m < sqrt(2), for x > 0."""
    subnormal = x < 2.2250738585072014e-308
    x = 18014398509481984.0 * x if subnormal else x
    # 0x3FE6A09E667F3BCD is sqrt(1/2), and 0x00095F619980C433 takes it to 1.
    moved = bits_of(x) + 0x00095F619980C433
    k = float_of(((moved >> 52) & 0x7FF) | 0x4330000000000000) - 4503599627371519.0
    k = k - 54.0 if subnormal else k
    return k, float_of((moved & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log1p(x: float) -> float:
    """log(1 + x)."""
    u = 1.0 + x
    rounded = u - 1.0
    lost = (1.0 - (u - rounded)) + (x - rounded)
    k, m = split(u)
    f = fma(lost, two_to(-1022.0 if k > 1022.0 else -k), m - 1.0)
    y = fma(k, 0.6931471805599453, f + fma(k, 2.3190468138462996e-17, log_tail(f)))
    y = x if x == 0.0 else y
    return log_limits(u, y)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log1p_centre_short(f: float) -> float:
    """log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2). Degree 3 in s**2; error 2**-35."""
    s = f / (2.0 + f)
    z = s * s
    p = fma(0.23330581938276893, z, 0.2855081659970975)
    p = fma(p, z * z, fma(0.4000012187697203, z, 0.6666666655445165))
    return s * fma(p, z, 2.0)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log_limits_short(x: float, y: float) -> float:
    """y, but the limit of the logarithm where x is zero, negative, infinite or NaN."""
    y = y if x < math.inf else x
    y = -math.inf if x == 0.0 else y
    return math.nan if x < 0.0 else y

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def split_short(x: float) -> tuple[float, float]:
    """(k, m) with x = 2**k m, k integral and sqrt(1/2) <= m < sqrt(2), for x > 0."""
    # 0x3FE6A09E667F3BCD is sqrt(1/2), and 0x00095F619980C433 takes it to 1.
    moved = bits_of(x) + 0x00095F619980C433
    k = float_of(((moved >> 52) & 0x7FF) | 0x4330000000000000) - 4503599627371519.0
    return k, float_of((moved & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def log1p_short(x: float) -> float:
    """log(1 + x)."""
    u = 1.0 + x
    k, m = split_short(u)
    # Near 0 the sum would lose what x is made of.
    near = math.fabs(x) < 0.25
    k = 0.0 if near else k
    f = x if near else m - 1.0
    y = fma(k, 0.6931471805599453, log1p_centre_short(f))
    y = x if x == 0.0 else y
    return log_limits_short(u, y)

@intrinsic
def sin_beyond(typing_context, x, y):
    """y, but the C library's sin x where |x| > 2**45."""

    def build(context, builder, signature, arguments):
        return builder.call(library_beyond(builder.module, "sin"), arguments)

    return types.float64(types.float64, types.float64), build

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sin(x: float) -> float:
    """Sine of x radians."""
    r, low, q = quarter_turns(x)
    y = sine(r, low) if q & 1 == 0 else cosine(r, low)
    y = float_of(bits_of(y) ^ ((q & 2) << 62))
    y = x if x == 0.0 else y
    return sin_beyond(x, y)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sin_short(x: float) -> float:
    """Sine of x radians."""
    shifted = fma(x, 0.3183098861837907, 6755399441055744.0)
    k = shifted - 6755399441055744.0
    r = fma(k, -1.2246467991473532e-16, fma(k, -3.141592653589793, x))
    return sin_beyond(x, signed(half_turn(r), bits_of(shifted)))


@numba.njit(nogil=True, error_model="numpy")
def _forward_float64(x_in, out0, size):
    mean0_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean1_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    for i in range(size):
        x = np.float64(x_in[i])
        t0 = (mean1 > 0.0)
        t1 = math.sqrt(mean1)
        t2 = (x - mean0) * (1.0 / (1e-06 + (t1 if t0 else mean1)))
        t3 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x)) * log1p(0.5 * abs(x)) + 0.2 * (sin(2.0 * x) * exp(-0.5 * (t2 * t2)))
        out0[i] = t3


@numba.njit(nogil=True, error_model="numpy")
def _forward_float32(x_in, out0, size):
    mean0_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean1_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    for i in range(size):
        x = np.float64(x_in[i])
        t0 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x)) * log1p_short(0.5 * abs(x))
        t1 = (mean1 > 0.0)
        t2 = math.sqrt(mean1)
        t3 = (x - mean0) * (1.0 / (1e-06 + (t2 if t1 else mean1)))
        out0[i] = t0 + 0.2 * (sin_short(2.0 * x) * exp_short(-0.5 * (t3 * t3)))


_forward = {"float64": _forward_float64, "float32": _forward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _backward_float64(grad_in, x_in, out0, size):
    mean0_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean1_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    mean2_lanes = np.full(256, 0.0)
    mean3_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = sin(2.0 * x)
            t1 = (mean1 > 0.0)
            t2 = math.sqrt(mean1)
            t3 = 1.0 / (1e-06 + (t2 if t1 else mean1))
            t4 = (x - mean0) * t3
            t5 = exp(-0.5 * (t4 * t4))
            t6 = 0.5 * (1.0 / t2)
            t7 = t4 * (-t4 * t3 * (t6 if t1 else 1.0))
            t8 = t4 * -t3
            held = mean2_lanes[k]
            mean2_lanes[k] = held + (-0.1 * (grad * (t0 * (t5 * (t7 + t7)))))
            held = mean3_lanes[k]
            mean3_lanes[k] = held + (-0.1 * (grad * (t0 * (t5 * (t8 + t8)))))
    mean2 = 0.0
    for k in range(256):
        held = mean2
        mean2 = held + (mean2_lanes[k])
    mean2 = mean2 / size
    mean3 = 0.0
    for k in range(256):
        held = mean3
        mean3 = held + (mean3_lanes[k])
    mean3 = mean3 / size
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x))
        t1 = x - mean0
        t2 = (mean1 > 0.0)
        t3 = math.sqrt(mean1)
        t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
        t5 = t1 * t4
        t6 = exp(-0.5 * (t5 * t5))
        t7 = 2.0 * x
        t8 = t5 * t4
        t9 = 0.5 * (t0 * (1.0 / (1.0 + 0.5 * abs(x)) * t0)) + 0.2 * (2.0 * (t6 * cos(t7)) + -0.5 * (sin(t7) * (t6 * (t8 + t8))))
        out0[i] = t9 * grad + (t1 + t1) * mean2 + mean3


@numba.njit(nogil=True, error_model="numpy")
def _backward_float32(grad_in, x_in, out0, size):
    mean0_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean1_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    mean2_lanes = np.full(256, 0.0)
    mean3_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = sin_short(2.0 * x)
            t1 = (mean1 > 0.0)
            t2 = math.sqrt(mean1)
            t3 = 1.0 / (1e-06 + (t2 if t1 else mean1))
            t4 = (x - mean0) * t3
            t5 = exp_short(-0.5 * (t4 * t4))
            t6 = 0.5 * (1.0 / t2)
            t7 = t4 * (-t4 * t3 * (t6 if t1 else 1.0))
            t8 = t4 * -t3
            held = mean2_lanes[k]
            mean2_lanes[k] = held + (-0.1 * (grad * (t0 * (t5 * (t7 + t7)))))
            held = mean3_lanes[k]
            mean3_lanes[k] = held + (-0.1 * (grad * (t0 * (t5 * (t8 + t8)))))
    mean2 = 0.0
    for k in range(256):
        held = mean2
        mean2 = held + (mean2_lanes[k])
    mean2 = mean2 / size
    mean3 = 0.0
    for k in range(256):
        held = mean3
        mean3 = held + (mean3_lanes[k])
    mean3 = mean3 / size
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x))
        t1 = x - mean0
        t2 = (mean1 > 0.0)
        t3 = math.sqrt(mean1)
        t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
        t5 = t1 * t4
        t6 = exp_short(-0.5 * (t5 * t5))
        t7 = 2.0 * x
        t8 = t5 * t4
        t9 = 0.2 * (2.0 * (t6 * cos_short(t7)) + -0.5 * (sin_short(t7) * (t6 * (t8 + t8))))
        t10 = (0.5 * (t0 * (1.0 / (1.0 + 0.5 * abs(x)) * t0)) + t9) * grad + (t1 + t1) * mean2
        out0[i] = t10 + mean3


_backward = {"float64": _backward_float64, "float32": _backward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _second_float64(grad_grad_x_in, grad_in, x_in, out0, out1, size):
    mean0_lanes = np.full(256, 0.0)
    mean2_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
            held = mean2_lanes[k]
            mean2_lanes[k] = held + grad_grad_x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean2 = 0.0
    for k in range(256):
        held = mean2
        mean2 = held + (mean2_lanes[k])
    mean2 = mean2 / size
    mean1_lanes = np.full(256, 0.0)
    mean3_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
            held = mean3_lanes[k]
            mean3_lanes[k] = held + ((t0 + t0) * grad_grad_x)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    mean3 = 0.0
    for k in range(256):
        held = mean3
        mean3 = held + (mean3_lanes[k])
    mean3 = mean3 / size
    mean4_lanes = np.full(256, 0.0)
    mean5_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = 2.0 * x
            t1 = sin(t0)
            t2 = (mean1 > 0.0)
            t3 = math.sqrt(mean1)
            t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
            t5 = (x - mean0) * t4
            t6 = exp(-0.5 * (t5 * t5))
            t7 = -t5 * t4
            t8 = 1.0 / t3
            t9 = 0.5 * t8
            t10 = (t9 if t2 else 1.0)
            t11 = t7 * t10
            t12 = t5 * t11
            t13 = t12 + t12
            t14 = t6 * t13
            t15 = t5 * t4
            t16 = -t4 * t4 * t10
            t17 = t4 * t11 + t5 * t16
            t18 = -0.5 * (t1 * (-0.5 * ((t15 + t15) * t14) + t6 * (t17 + t17))) - cos(t0) * t14
            t19 = t5 * -t4
            t20 = -t4 * t11 + t5 * -t16
            t21 = -0.1 * (mean2 * (grad * (t1 * (-0.5 * ((t19 + t19) * t14) + t6 * (t20 + t20)))))
            t22 = -t9 * t8 * t9
            t23 = t11 * t11 + t5 * (t10 * (t4 * -t11 + -t7 * t4 * t10) + t7 * (t22 if t2 else 0.0))
            t24 = 0.2 * (grad_grad_x * (grad * t18)) + t21 + -0.1 * (mean3 * (grad * (t1 * (-0.5 * (t13 * t14) + t6 * (t23 + t23)))))
            held = mean4_lanes[k]
            mean4_lanes[k] = held + (-0.1 * (grad * (t1 * t14)))
            held = mean5_lanes[k]
            mean5_lanes[k] = held + t24
    mean4 = 0.0
    for k in range(256):
        held = mean4
        mean4 = held + (mean4_lanes[k])
    mean4 = mean4 / size
    mean5 = 0.0
    for k in range(256):
        held = mean5
        mean5 = held + (mean5_lanes[k])
    mean5 = mean5 / size
    mean6_lanes = np.full(256, 0.0)
    mean7_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = 2.0 * x
            t1 = sin(t0)
            t2 = (mean1 > 0.0)
            t3 = math.sqrt(mean1)
            t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
            t5 = (x - mean0) * t4
            t6 = t5 * t4
            t7 = exp(-0.5 * (t5 * t5))
            t8 = t5 * -t4
            t9 = t8 + t8
            t10 = t7 * t9
            t11 = t4 * -t4
            t12 = -0.5 * (t1 * (-0.5 * ((t6 + t6) * t10) + t7 * (t11 + t11))) - cos(t0) * t10
            t13 = 2.0 * mean4
            t14 = 0.5 * (1.0 / t3)
            t15 = (t14 if t2 else 1.0)
            t16 = -t5 * t4 * t15
            t17 = t5 * t16
            t18 = t4 * t4
            t19 = t16 * -t4 + t5 * (t15 * t18)
            t20 = -0.1 * (mean3 * (grad * (t1 * (-0.5 * ((t17 + t17) * t10) + t7 * (t19 + t19)))))
            held = mean6_lanes[k]
            mean6_lanes[k] = held + ((0.2 * (grad * t12) + -t13) * grad_grad_x + t20)
            held = mean7_lanes[k]
            mean7_lanes[k] = held + (-0.1 * (grad * (t1 * (-0.5 * (t9 * t10) + t7 * (t18 + t18)))) + t13)
    mean6 = 0.0
    for k in range(256):
        held = mean6
        mean6 = held + (mean6_lanes[k])
    mean6 = mean6 / size
    mean7 = 0.0
    for k in range(256):
        held = mean7
        mean7 = held + (mean7_lanes[k])
    mean7 = mean7 / size
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x))
        t1 = 1.0 / (1.0 + 0.5 * abs(x))
        t2 = x - mean0
        t3 = (mean1 > 0.0)
        t4 = math.sqrt(mean1)
        t5 = 1.0 / (1e-06 + (t4 if t3 else mean1))
        t6 = t2 * t5
        t7 = exp(-0.5 * (t6 * t6))
        t8 = 2.0 * x
        t9 = cos(t8)
        t10 = sin(t8)
        t11 = t6 * t5
        t12 = t11 + t11
        t13 = t7 * t12
        t14 = (0.5 * (t0 * (t1 * t0)) + 0.2 * (2.0 * (t7 * t9) + -0.5 * (t10 * t13))) * grad_grad_x
        t15 = t6 * -t5
        t16 = t15 + t15
        t17 = t7 * t16
        t18 = 0.5 * (1.0 / t4)
        t19 = (t18 if t3 else 1.0)
        t20 = -t6 * t5 * t19
        t21 = t6 * t20
        t22 = t21 + t21
        t23 = t7 * t22
        t24 = t5 * t5
        t25 = -0.5 * (2.0 * (t13 * t9) + t10 * (-0.5 * (t12 * t13) + t7 * (t24 + t24)))
        t26 = 0.25 * (t0 * (t0 * (-t1 * t1 * t0))) + 0.2 * (2.0 * (-0.5 * (t9 * t13) + 2.0 * (t7 * -t10)) + t25)
        t27 = 2.0 * mean4
        t28 = -t5 * t5
        t29 = grad * (2.0 * (t17 * t9) + t10 * (-0.5 * (t16 * t13) + t7 * (t28 + t28)))
        t30 = t20 * t5 + t6 * (t19 * (t5 * -t5))
        t31 = grad * (2.0 * (t23 * t9) + t10 * (-0.5 * (t22 * t13) + t7 * (t30 + t30)))
        t32 = (grad * t26 + t27) * grad_grad_x + (-0.1 * t29 + -t27) * mean2 + -0.1 * (mean3 * t31)
        out0[i] = t14 + -0.1 * (mean2 * (t10 * t17)) + -0.1 * (mean3 * (t10 * t23))
        out1[i] = t32 + (t2 + t2) * mean5 + (mean6 + mean2 * mean7)


@numba.njit(nogil=True, error_model="numpy")
def _second_float32(grad_grad_x_in, grad_in, x_in, out0, out1, size):
    mean0_lanes = np.full(256, 0.0)
    mean2_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            x = np.float64(x_in[i])
            held = mean0_lanes[k]
            mean0_lanes[k] = held + x
            held = mean2_lanes[k]
            mean2_lanes[k] = held + grad_grad_x
    mean0 = 0.0
    for k in range(256):
        held = mean0
        mean0 = held + (mean0_lanes[k])
    mean0 = mean0 / size
    mean2 = 0.0
    for k in range(256):
        held = mean2
        mean2 = held + (mean2_lanes[k])
    mean2 = mean2 / size
    mean1_lanes = np.full(256, 0.0)
    mean3_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            x = np.float64(x_in[i])
            t0 = x - mean0
            held = mean1_lanes[k]
            mean1_lanes[k] = held + (t0 * t0)
            held = mean3_lanes[k]
            mean3_lanes[k] = held + ((t0 + t0) * grad_grad_x)
    mean1 = 0.0
    for k in range(256):
        held = mean1
        mean1 = held + (mean1_lanes[k])
    mean1 = mean1 / size
    mean3 = 0.0
    for k in range(256):
        held = mean3
        mean3 = held + (mean3_lanes[k])
    mean3 = mean3 / size
    mean4_lanes = np.full(256, 0.0)
    mean5_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = 2.0 * x
            t1 = sin_short(t0)
            t2 = (mean1 > 0.0)
            t3 = math.sqrt(mean1)
            t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
            t5 = (x - mean0) * t4
            t6 = exp_short(-0.5 * (t5 * t5))
            t7 = -t5 * t4
            t8 = 1.0 / t3
            t9 = 0.5 * t8
            t10 = (t9 if t2 else 1.0)
            t11 = t7 * t10
            t12 = t5 * t11
            t13 = t12 + t12
            t14 = t6 * t13
            t15 = t5 * t4
            t16 = -t4 * t4 * t10
            t17 = t4 * t11 + t5 * t16
            t18 = -0.5 * (t1 * (-0.5 * ((t15 + t15) * t14) + t6 * (t17 + t17))) - cos_short(t0) * t14
            t19 = t5 * -t4
            t20 = -t4 * t11 + t5 * -t16
            t21 = -0.1 * (mean2 * (grad * (t1 * (-0.5 * ((t19 + t19) * t14) + t6 * (t20 + t20)))))
            t22 = -t9 * t8 * t9
            t23 = t11 * t11 + t5 * (t10 * (t4 * -t11 + -t7 * t4 * t10) + t7 * (t22 if t2 else 0.0))
            t24 = 0.2 * (grad_grad_x * (grad * t18)) + t21 + -0.1 * (mean3 * (grad * (t1 * (-0.5 * (t13 * t14) + t6 * (t23 + t23)))))
            held = mean4_lanes[k]
            mean4_lanes[k] = held + (-0.1 * (grad * (t1 * t14)))
            held = mean5_lanes[k]
            mean5_lanes[k] = held + t24
    mean4 = 0.0
    for k in range(256):
        held = mean4
        mean4 = held + (mean4_lanes[k])
    mean4 = mean4 / size
    mean5 = 0.0
    for k in range(256):
        held = mean5
        mean5 = held + (mean5_lanes[k])
    mean5 = mean5 / size
    mean6_lanes = np.full(256, 0.0)
    mean7_lanes = np.full(256, 0.0)
    for start in range(0, size, 256):
        for k in range(min(256, size - start)):
            i = start + k
            grad_grad_x = np.float64(grad_grad_x_in[i])
            grad = np.float64(grad_in[i])
            x = np.float64(x_in[i])
            t0 = 2.0 * x
            t1 = sin_short(t0)
            t2 = (mean1 > 0.0)
            t3 = math.sqrt(mean1)
            t4 = 1.0 / (1e-06 + (t3 if t2 else mean1))
            t5 = (x - mean0) * t4
            t6 = t5 * t4
            t7 = exp_short(-0.5 * (t5 * t5))
            t8 = t5 * -t4
            t9 = t8 + t8
            t10 = t7 * t9
            t11 = t4 * -t4
            t12 = -0.5 * (t1 * (-0.5 * ((t6 + t6) * t10) + t7 * (t11 + t11))) - cos_short(t0) * t10
            t13 = 2.0 * mean4
            t14 = 0.5 * (1.0 / t3)
            t15 = (t14 if t2 else 1.0)
            t16 = -t5 * t4 * t15
            t17 = t5 * t16
            t18 = t4 * t4
            t19 = t16 * -t4 + t5 * (t15 * t18)
            t20 = -0.1 * (mean3 * (grad * (t1 * (-0.5 * ((t17 + t17) * t10) + t7 * (t19 + t19)))))
            held = mean6_lanes[k]
            mean6_lanes[k] = held + ((0.2 * (grad * t12) + -t13) * grad_grad_x + t20)
            held = mean7_lanes[k]
            mean7_lanes[k] = held + (-0.1 * (grad * (t1 * (-0.5 * (t9 * t10) + t7 * (t18 + t18)))) + t13)
    mean6 = 0.0
    for k in range(256):
        held = mean6
        mean6 = held + (mean6_lanes[k])
    mean6 = mean6 / size
    mean7 = 0.0
    for k in range(256):
        held = mean7
        mean7 = held + (mean7_lanes[k])
    mean7 = mean7 / size
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = (1.0 if x > 0.0 else (-1.0 if x < 0.0 else x))
        t1 = 1.0 / (1.0 + 0.5 * abs(x))
        t2 = x - mean0
        t3 = (mean1 > 0.0)
        t4 = math.sqrt(mean1)
        t5 = 1.0 / (1e-06 + (t4 if t3 else mean1))
        t6 = t2 * t5
        t7 = exp_short(-0.5 * (t6 * t6))
        t8 = 2.0 * x
        t9 = cos_short(t8)
        t10 = sin_short(t8)
        t11 = t6 * t5
        t12 = t11 + t11
        t13 = t7 * t12
        t14 = (0.5 * (t0 * (t1 * t0)) + 0.2 * (2.0 * (t7 * t9) + -0.5 * (t10 * t13))) * grad_grad_x
        t15 = t6 * -t5
        t16 = t15 + t15
        t17 = t7 * t16
        t18 = 0.5 * (1.0 / t4)
        t19 = (t18 if t3 else 1.0)
        t20 = -t6 * t5 * t19
        t21 = t6 * t20
        t22 = t21 + t21
        t23 = t7 * t22
        t24 = t5 * t5
        t25 = -0.5 * (2.0 * (t13 * t9) + t10 * (-0.5 * (t12 * t13) + t7 * (t24 + t24)))
        t26 = 0.25 * (t0 * (t0 * (-t1 * t1 * t0))) + 0.2 * (2.0 * (-0.5 * (t9 * t13) + 2.0 * (t7 * -t10)) + t25)
        t27 = 2.0 * mean4
        t28 = -t5 * t5
        t29 = grad * (2.0 * (t17 * t9) + t10 * (-0.5 * (t16 * t13) + t7 * (t28 + t28)))
        t30 = t20 * t5 + t6 * (t19 * (t5 * -t5))
        t31 = grad * (2.0 * (t23 * t9) + t10 * (-0.5 * (t22 * t13) + t7 * (t30 + t30)))
        t32 = (grad * t26 + t27) * grad_grad_x + (-0.1 * t29 + -t27) * mean2 + -0.1 * (mean3 * t31)
        out0[i] = t14 + -0.1 * (mean2 * (t10 * t17)) + -0.1 * (mean3 * (t10 * t23))
        out1[i] = t32 + (t2 + t2) * mean5 + (mean6 + mean2 * mean7)


_second = {"float64": _second_float64, "float32": _second_float32}


_places = places(inputs=1, params=0)
_activation = differentiable(
    operator("turbulent_00ce5d59e88e357d_forward", "cpu", cpu_step(_forward, 1, 1, 0, False), _places[0]),
    operator("turbulent_00ce5d59e88e357d_backward", "cpu", cpu_step(_backward, 2, 1, 0, False), _places[1]),
    operator("turbulent_00ce5d59e88e357d_second", "cpu", cpu_step(_second, 3, 2, 0, False), _places[2]),
    inputs=1,
)


def turbulent(x):
    """turbulent of tensors or NumPy arrays of one shape, differentiable twice in torch."""
    if isinstance(x, np.ndarray):
        return run(_forward, [supported(x)], [], 1, [], False)[0]
    return _activation(x)


def turbulent_gradient(grad, x):
    """Gradients of sum(grad * output), of each input, then of each parameter."""
    return run(_backward, [supported(grad), supported(x)], [], 1, [], False)


class Turbulent(Layer):
    """turbulent as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return turbulent(*tensors)
