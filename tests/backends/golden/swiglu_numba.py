"""swiglu: an activation function, compiled by actdsl 0.1.0 for numba.

A gated unit (Shazeer, 2020): one half of a layer's output, gated by the swish of the other.

    activation swiglu(x, gate):
        return x * silu(gate)

Cost per element: 17 FLOPs, 1 transcendental, 12 bytes moved in float32.
Canonical hash: f15ada3d2deea64c
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
def fma(typing_context, a, b, c):
    """a * b + c, rounded once."""

    def build(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), build

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
def sigmoid(x: float) -> float:
    """1 / (1 + e**-x), by way of e**-|x|, so that the left tail keeps its relative accuracy."""
    e = exp(-math.fabs(x))
    return (e if x < 0.0 else 1.0) / (1.0 + e)

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
def sigmoid_short(x: float) -> float:
    """1 / (1 + e**-x), by way of e**-|x|, which the slope shares."""
    e = exp_short(-math.fabs(x))
    return (e if x < 0.0 else 1.0) * (1.0 / (1.0 + e))

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sigmoid_slope(x: float) -> float:
    """e / (1 + e)**2 with e = e**-|x|."""
    e = exp(-math.fabs(x))
    d = 1.0 + e
    return e / (d * d)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def sigmoid_slope_short(x: float) -> float:
    """e / (1 + e)**2 with e = e**-|x|."""
    e = exp_short(-math.fabs(x))
    inverse = 1.0 / (1.0 + e)
    return e * inverse * inverse

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def quarter_expm1(x: float) -> float:
    """(e**x - 1) / 4, which is finite up to x = 710.5; its polynomial is that of `exp_sum`."""
    x = 710.5 if x > 710.5 else x
    x = -40.0 if x < -40.0 else x
    k = fma(x, 1.4426950408889634, 6755399441055744.0) - 6755399441055744.0
    r = fma(k, -0.6931471805599453, x)
    r = fma(k, -2.3190468138462996e-17, r)
    p = fma(2.510038549551032e-08, r, 2.7620088445409746e-07)
    p = fma(p, r, 2.7557268459997064e-06)
    p = fma(p, r, 2.4801521295954376e-05)
    p = fma(p, r, 0.00019841269863053618)
    p = fma(p, r, 0.0013888888917213717)
    p = fma(p, r, 0.008333333333330062)
    p = fma(p, r, 0.04166666666662413)
    p = fma(p, r, 0.16666666666666669)
    p = fma(p, r, 0.5000000000000001)
    p = fma(p, r * r, r)
    scale = two_to(k - 2.0)
    return fma(scale, p, scale - 0.25)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def expm1(x: float) -> float:
    """e**x - 1."""
    y = 4.0 * quarter_expm1(x)
    return x if math.fabs(x) < 1e-17 else y

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def tanh(x: float) -> float:
    """Hyperbolic tangent: E / (E + 2) with E = expm1(2 x)."""
    e = expm1(40.0 if x > 20.0 else 2.0 * x)
    return e / (e + 2.0)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def bounded_expm1_short(x: float) -> float:
    """e**x - 1 for x <= 709, but a zero's sign; all but the last line is that of `exp_short`."""
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
    p = fma(q, z, r)
    scale = float_of(bits_of(shifted) << 52)
    return fma(scale, p, scale - 1.0)

@numba.njit(error_model='numpy', forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def tanh_short(x: float) -> float:
    """Hyperbolic tangent: -E / (1 + e) with e = exp(-2 |x|), E = expm1(-2 |x|), alike but in the end."""
    t = -2.0 * math.fabs(x)
    return math.copysign(bounded_expm1_short(t) * (1.0 / (1.0 + exp_short(t))), x)


@numba.njit(nogil=True, error_model="numpy")
def _forward_float64(x_in, gate_in, out0, size):
    for i in range(size):
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        out0[i] = x * (gate * sigmoid(gate))


@numba.njit(nogil=True, error_model="numpy")
def _forward_float32(x_in, gate_in, out0, size):
    for i in range(size):
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        out0[i] = x * (gate * sigmoid_short(gate))


_forward = {"float64": _forward_float64, "float32": _forward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _backward_float64(grad_in, x_in, gate_in, out0, out1, size):
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        t0 = sigmoid(gate)
        out0[i] = gate * t0 * grad
        out1[i] = x * (t0 + gate * sigmoid_slope(gate)) * grad


@numba.njit(nogil=True, error_model="numpy")
def _backward_float32(grad_in, x_in, gate_in, out0, out1, size):
    for i in range(size):
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        t0 = sigmoid_short(gate)
        out0[i] = gate * t0 * grad
        out1[i] = x * (t0 + gate * sigmoid_slope_short(gate)) * grad


_backward = {"float64": _backward_float64, "float32": _backward_float32}


@numba.njit(nogil=True, error_model="numpy")
def _second_float64(grad_grad_x_in, grad_grad_gate_in, grad_in, x_in, gate_in, out0, out1, out2, size):
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad_grad_gate = np.float64(grad_grad_gate_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        t0 = sigmoid(gate)
        t1 = sigmoid_slope(gate)
        t2 = t0 + gate * t1
        t3 = grad * t2
        t4 = grad * (x * (t1 + (t1 + gate * -(tanh(0.5 * gate) * t1)))) * grad_grad_gate
        out0[i] = gate * t0 * grad_grad_x + x * t2 * grad_grad_gate
        out1[i] = t3 * grad_grad_gate
        out2[i] = t3 * grad_grad_x + t4


@numba.njit(nogil=True, error_model="numpy")
def _second_float32(grad_grad_x_in, grad_grad_gate_in, grad_in, x_in, gate_in, out0, out1, out2, size):
    for i in range(size):
        grad_grad_x = np.float64(grad_grad_x_in[i])
        grad_grad_gate = np.float64(grad_grad_gate_in[i])
        grad = np.float64(grad_in[i])
        x = np.float64(x_in[i])
        gate = np.float64(gate_in[i])
        t0 = sigmoid_short(gate)
        t1 = sigmoid_slope_short(gate)
        t2 = t0 + gate * t1
        t3 = grad * t2
        t4 = grad * (x * (t1 + (t1 + gate * -(tanh_short(0.5 * gate) * t1)))) * grad_grad_gate
        out0[i] = gate * t0 * grad_grad_x + x * t2 * grad_grad_gate
        out1[i] = t3 * grad_grad_gate
        out2[i] = t3 * grad_grad_x + t4


_second = {"float64": _second_float64, "float32": _second_float32}


_places = places(inputs=2, params=0)
_activation = differentiable(
    operator("swiglu_bd6569fd832879cf_forward", "cpu", cpu_step(_forward, 2, 1, 0, False), _places[0]),
    operator("swiglu_bd6569fd832879cf_backward", "cpu", cpu_step(_backward, 3, 2, 0, False), _places[1]),
    operator("swiglu_bd6569fd832879cf_second", "cpu", cpu_step(_second, 5, 3, 0, False), _places[2]),
    inputs=2,
)


def swiglu(x, gate):
    """swiglu of tensors or NumPy arrays of one shape, differentiable twice in torch."""
    if isinstance(x, np.ndarray):
        return run(_forward, [supported(x), supported(gate)], [], 1, [], False)[0]
    return _activation(x, gate)


def swiglu_gradient(grad, x, gate):
    """Gradients of sum(grad * output), of each input, then of each parameter."""
    return run(_backward, [supported(grad), supported(x), supported(gate)], [], 2, [], False)


class Swiglu(Layer):
    """swiglu as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return swiglu(*tensors)
