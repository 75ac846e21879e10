"""gelu_sinc: an activation function, compiled by actdsl 0.1.0 for numba.

GELU modulated by a sinc, mined by a language model. The ripple near the origin keeps
frequency information; both tails stay GELU's.

    activation gelu_sinc(x):
        return gelu(x) * (1 + 0.5 * sinc(x))

Cost per element: 44 FLOPs, 2 transcendental, 8 bytes moved in float32.
Canonical hash: a77fb903287430ec
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

@intrinsic
def round_even(typing_context, x):
    """x rounded to the nearest integer, ties to even."""

    def build(context, builder, signature, arguments):
        rint = builder.module.declare_intrinsic("llvm.rint", [ir.DoubleType()])
        return builder.call(rint, arguments)

    return types.float64(types.float64), build

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def quarter_turns_of_pi(x: float) -> tuple[float, float, int]:
    """(r, low, q) with pi x = q pi/2 + r + low, |r| <= pi/4; q counts modulo 4."""
    x = fma(round_even(0.5 * x), -2.0, x)
    shifted = fma(x, 2.0, 6755399441055744.0)
    x = fma(shifted - 6755399441055744.0, -0.5, x)
    r = 3.141592653589793 * x
    low = fma(x, 3.141592653589793, -r) + 1.2246467991473532e-16 * x
    return r, low, bits_of(shifted)

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
def cospi(x: float) -> float:
    """cos(pi x)."""
    r, low, q = quarter_turns_of_pi(x)
    y = cosine(r, low) if q & 1 == 0 else sine(r, low)
    # Zeros are positive, as IEEE 754 has them.
    return float_of(bits_of(y) ^ (((q + 1) & 2) << 62)) + 0.0

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def half_turn_of_pi(r: float) -> float:
    """sin(pi r) for |r| <= 1/2. Degree 11; error 2**-35."""
    z = r * r
    w = z * z
    s = fma(-0.007027634623424209, z, 0.08204997325836844)
    s = fma(s, w, fma(-0.5992521131336368, z, 2.550163312195442))
    s = fma(s, w, fma(-5.167712764438908, z, 3.1415926535354886))
    return r * s

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def cospi_short(x: float) -> float:
    """cos(pi x) = sin(pi (|x| + 1/2)), its argument reduced to |x| <= 1."""
    x = math.fabs(fma(round_even(0.5 * x), -2.0, x))
    return half_turn_of_pi(0.5 - x)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def erf_centre(x: float) -> float:
    """erf x for |x| <= 0.48. P has degree 8; error 0.14 * 2**-53."""
    z = x * x
    p = fma(1.4854692373879545e-06, z, -1.4857456814367817e-05)
    p = fma(p, z, 0.000120537583748377)
    p = fma(p, z, -0.0008548305753808224)
    p = fma(p, z, 0.0052239774563486155)
    p = fma(p, z, -0.026866170637571286)
    p = fma(p, z, 0.11283791670938181)
    p = fma(p, z, -0.37612638903183604)
    p = fma(p, z, 0.12837916709551256)
    return fma(p, x, x)

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
def erfc_right(a: float) -> float:
    """erfc a for a >= 0.475. R has degree 20 in t - 0.4375; error 0.2 * 2**-53."""
    a = 28.0 if a > 28.0 else a
    square = a * a
    square_low = fma(a, a, -square)
    d = a + 2.75
    t = 2.75 / d
    # The rounding error of t, which would weigh up to fourfold in R.
    d_low = (2.75 - d) + a
    t_low = fma(-t, d_low, fma(-t, d, 2.75)) * (0.36363636363636365 * t)
    v = (t - 0.4375) + t_low
    # Even and odd powers apart: two chains half as long keep both multipliers busy.
    w = v * v
    even = fma(0.008628313379534788, w, -0.00928952597919888)
    even = fma(even, w, 0.004386288939355034)
    even = fma(even, w, 0.0010583789288826247)
    even = fma(even, w, -0.005115124216208253)
    even = fma(even, w, 0.005134456930661113)
    even = fma(even, w, 0.010773958547087943)
    even = fma(even, w, -0.09384299576898626)
    even = fma(even, w, 0.3870822289229153)
    even = fma(even, w, 0.6434591779092569)
    even = fma(even, w, 0.3516143799118791)
    odd = fma(-0.009952888297398174, w, 0.018131848729992173)
    odd = fma(odd, w, -0.022850799083618437)
    odd = fma(odd, w, 0.027683487278180548)
    odd = fma(odd, w, -0.036769860814585546)
    odd = fma(odd, w, 0.05630491872134363)
    odd = fma(odd, w, -0.09308605827134538)
    odd = fma(odd, w, 0.09641191690513694)
    odd = fma(odd, w, 0.6038436649228334)
    odd = fma(odd, w, 0.5286861607690293)
    r = fma(odd, v, even)
    return exp_sum(-square, -square_low) * fma(t, r, t_low * r)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def erfc(x: float) -> float:
    """1 - erf x, accurate in the right tail until it underflows at 26.5."""
    tail = erfc_right(math.fabs(x))
    tail = 2.0 - tail if x < 0.0 else tail
    return 1.0 - erf_centre(x) if math.fabs(x) < 0.477 else tail

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
def gaussian_short(x: float) -> float:
    """exp(-x**2)."""
    return exp_short(-(x * x))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def erfc_short(x: float) -> float:
    """1 - erf x. R is the quotient of degree 5 over 6 on [0, 10.3]; error 2**-33."""
    tail = gaussian_short(x)
    a = math.fabs(x)
    # Beyond 28 the exponential is 0, and powers of a would leave the range.
    a = 28.0 if a > 28.0 else a
    z = a * a
    p = fma(
        fma(0.010058342510399994, a, 0.09310704464917435),
        z,
        fma(0.40325683045860977, a, 1.0020732093270128),
    )
    p = fma(p, z, fma(1.4353558933453432, a, 0.9999999999152097))
    q = fma(0.017827970162488962, z, fma(0.16502688270136218, a, 0.7236904672233374))
    q = fma(q, z, fma(1.8583609527775147, a, 2.894938674494717))
    q = fma(q, z, fma(2.5637350492224966, a, 1.0))
    y = tail * (p / q)
    return 2.0 - y if x < 0.0 else y

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def gaussian(x: float) -> float:
    """exp(-x**2). Beyond 28 it is 0, and powers of x would leave the range."""
    a = math.fabs(x)
    a = 28.0 if a > 28.0 else a
    square = a * a
    return exp_sum(-square, fma(-a, a, square))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sinpi(x: float) -> float:
    """sin(pi x)."""
    r, low, q = quarter_turns_of_pi(x)
    y = sine(r, low) if q & 1 == 0 else cosine(r, low)
    y = float_of(bits_of(y) ^ ((q & 2) << 62))
    return x if x == 0.0 else y

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def signed(y: float, turns: int) -> float:
    """y, its sign turned for an odd number of half turns."""
    return float_of(bits_of(y) ^ (turns << 63))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sinpi_short(x: float) -> float:
    """sin(pi x)."""
    reduced = fma(round_even(0.5 * x), -2.0, x)
    shifted = reduced + 6755399441055744.0
    y = signed(half_turn_of_pi(reduced - (shifted - 6755399441055744.0)), bits_of(shifted))
    return x if x == 0.0 else y


@numba.njit(nogil=True, error_model="numpy")
def _forward_float64(x_in, out0, size):
    for i in range(size):
        x = np.float64(x_in[i])
        t0 = (1.0 + 0.5 * (1.0 if x == 0.0 else sinpi(x) / (3.141592653589793 * x))) * (erfc(-0.7071067811865476 * x) * x)
        out0[i] = 0.5 * t0


@numba.njit(nogil=True, error_model="numpy")
def _forward_float32(x_in, out0, size):
    for i in range(size):
        x = np.float64(x_in[i])
        t0 = 1.0 + 0.5 * (1.0 if x == 0.0 else sinpi_short(x) / (3.141592653589793 * x))
        out0[i] = 0.5 * (t0 * (erfc_short(-0.7071067811865476 * x) * x))


_forward = {"float64": _forward_float64, "float32": _forward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _backward_float64(grad_in, x_in, out0, size):
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = -0.7071067811865476 * x
        t1 = erfc(t0)
        t2 = (abs(x) < 0.25)
        t3 = x * x
        t4 = -9.766223126318928e-05 + t3 * (4.049947846619241e-06 + -1.3148481279991983e-07 * t3)
        t5 = 0.20918278254123832 + t3 * (-0.023460810354558225 + t3 * (0.001781145516372851 + t3 * t4))
        t6 = -3.289868133696453 + t3 * (3.246969701133414 + t3 * (-1.144510944732505 + t3 * t5))
        t7 = x * t6
        t8 = (1.0 if x == 0.0 else sinpi(x) / (3.141592653589793 * x))
        t9 = (cospi(x) - t8) / x
        t10 = 0.5 * (t1 * x * (t7 if t2 else t9)) + (1.0 + 0.5 * t8) * (0.7978845608028654 * (x * gaussian(t0)) + t1)
        out0[i] = 0.5 * (grad * t10)


@numba.njit(nogil=True, error_model="numpy")
def _backward_float32(grad_in, x_in, out0, size):
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = -0.7071067811865476 * x
        t1 = erfc_short(t0)
        t2 = (abs(x) < 0.25)
        t3 = x * x
        t4 = -9.766223126318928e-05 + t3 * (4.049947846619241e-06 + -1.3148481279991983e-07 * t3)
        t5 = 0.20918278254123832 + t3 * (-0.023460810354558225 + t3 * (0.001781145516372851 + t3 * t4))
        t6 = -3.289868133696453 + t3 * (3.246969701133414 + t3 * (-1.144510944732505 + t3 * t5))
        t7 = x * t6
        t8 = (1.0 if x == 0.0 else sinpi_short(x) / (3.141592653589793 * x))
        t9 = (cospi_short(x) - t8) / x
        t10 = 0.5 * (t1 * x * (t7 if t2 else t9)) + (1.0 + 0.5 * t8) * (0.7978845608028654 * (x * gaussian_short(t0)) + t1)
        out0[i] = 0.5 * (grad * t10)


_backward = {"float64": _backward_float64, "float32": _backward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _second_float64(grad_grad_x_in, grad_in, x_in, out0, out1, size):
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = -0.7071067811865476 * x
        t1 = erfc(t0)
        t2 = t1 * x
        t3 = (abs(x) < 0.25)
        t4 = x * x
        t5 = 4.049947846619241e-06 + -1.3148481279991983e-07 * t4
        t6 = -9.766223126318928e-05 + t4 * t5
        t7 = 0.001781145516372851 + t4 * t6
        t8 = -0.023460810354558225 + t4 * t7
        t9 = 0.20918278254123832 + t4 * t8
        t10 = -1.144510944732505 + t4 * t9
        t11 = 3.246969701133414 + t4 * t10
        t12 = -3.289868133696453 + t4 * t11
        t13 = x * t12
        t14 = (1.0 if x == 0.0 else sinpi(x) / (3.141592653589793 * x))
        t15 = 1.0 / x
        t16 = (cospi(x) - t14) * t15
        t17 = (t13 if t3 else t16)
        t18 = 1.0 + 0.5 * t14
        t19 = gaussian(t0)
        t20 = 0.7978845608028654 * (x * t19) + t1
        t21 = x + x
        t22 = t7 * t21 + t4 * (t6 * t21 + t4 * (t5 * t21 + t4 * (-1.3148481279991983e-07 * t21)))
        t23 = t11 * t21 + t4 * (t10 * t21 + t4 * (t9 * t21 + t4 * (t8 * t21 + t4 * t22)))
        t24 = t12 + x * t23
        t25 = t15 * (-9.869604401089358 * (x * t14) - t17) + -t16 * t15
        t26 = 0.7978845608028654 * (t19 + -1.0000000000000002 * (x * (t19 * x))) + 0.7978845608028654 * t19
        t27 = 0.5 * (t17 * t20 + t2 * (t24 if t3 else t25)) + (0.5 * (t20 * t17) + t18 * t26)
        out0[i] = 0.5 * (grad_grad_x * (0.5 * (t2 * t17) + t18 * t20))
        out1[i] = 0.5 * (grad_grad_x * (grad * t27))


@numba.njit(nogil=True, error_model="numpy")
def _second_float32(grad_grad_x_in, grad_in, x_in, out0, out1, size):
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        t0 = -0.7071067811865476 * x
        t1 = erfc_short(t0)
        t2 = t1 * x
        t3 = (abs(x) < 0.25)
        t4 = x * x
        t5 = 4.049947846619241e-06 + -1.3148481279991983e-07 * t4
        t6 = -9.766223126318928e-05 + t4 * t5
        t7 = 0.001781145516372851 + t4 * t6
        t8 = -0.023460810354558225 + t4 * t7
        t9 = 0.20918278254123832 + t4 * t8
        t10 = -1.144510944732505 + t4 * t9
        t11 = 3.246969701133414 + t4 * t10
        t12 = -3.289868133696453 + t4 * t11
        t13 = x * t12
        t14 = (1.0 if x == 0.0 else sinpi_short(x) / (3.141592653589793 * x))
        t15 = 1.0 / x
        t16 = (cospi_short(x) - t14) * t15
        t17 = (t13 if t3 else t16)
        t18 = 1.0 + 0.5 * t14
        t19 = gaussian_short(t0)
        t20 = 0.7978845608028654 * (x * t19) + t1
        t21 = x + x
        t22 = t7 * t21 + t4 * (t6 * t21 + t4 * (t5 * t21 + t4 * (-1.3148481279991983e-07 * t21)))
        t23 = t11 * t21 + t4 * (t10 * t21 + t4 * (t9 * t21 + t4 * (t8 * t21 + t4 * t22)))
        t24 = t12 + x * t23
        t25 = t15 * (-9.869604401089358 * (x * t14) - t17) + -t16 * t15
        t26 = 0.7978845608028654 * (t19 + -1.0000000000000002 * (x * (t19 * x))) + 0.7978845608028654 * t19
        t27 = 0.5 * (t17 * t20 + t2 * (t24 if t3 else t25)) + (0.5 * (t20 * t17) + t18 * t26)
        out0[i] = 0.5 * (grad_grad_x * (0.5 * (t2 * t17) + t18 * t20))
        out1[i] = 0.5 * (grad_grad_x * (grad * t27))


_second = {"float64": _second_float64, "float32": _second_float32}


_places = places(inputs=1, params=0)
_activation = differentiable(
    operator("gelu_sinc_0227d8809d11f0af_forward", "cpu", cpu_step(_forward, 1, 1, 0, False), _places[0]),
    operator("gelu_sinc_0227d8809d11f0af_backward", "cpu", cpu_step(_backward, 2, 1, 0, False), _places[1]),
    operator("gelu_sinc_0227d8809d11f0af_second", "cpu", cpu_step(_second, 3, 2, 0, False), _places[2]),
    inputs=1,
)


def gelu_sinc(x):
    """gelu_sinc of tensors or NumPy arrays of one shape, differentiable twice in torch."""
    if isinstance(x, np.ndarray):
        return run(_forward, [supported(x)], [], 1, [], False)[0]
    return _activation(x)


def gelu_sinc_gradient(grad, x):
    """Gradients of sum(grad * output), of each input, then of each parameter."""
    return run(_backward, [supported(grad), supported(x)], [], 1, [], False)


class GeluSinc(Layer):
    """gelu_sinc as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return gelu_sinc(*tensors)
