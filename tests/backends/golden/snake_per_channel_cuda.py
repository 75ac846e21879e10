"""snake_per_channel: an activation function, compiled by actdsl 0.1.0 for cuda.

Snake with a frequency of its own for every channel.

    activation snake_per_channel(x):
        param a = 1 in [0.1, 10] per channel
        return snake(x, a)

Cost per element: 19 FLOPs, 1 transcendental, 8 bytes moved in float32.
Canonical hash: 074cf384a9e0116a
"""

from __future__ import annotations

import functools
import math
import numpy as np
import torch
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from torch import Tensor, nn
from typing import Any, NamedTuple


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
        batched = [
            tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
            for tensor, dim in zip(tensors, in_dims[0], strict=True)
        ]
        samples = [registered(list(sample)) for sample in zip(*batched, strict=True)]
        stacked = [torch.stack(results) for results in zip(*samples, strict=True)]
        return stacked, [0] * len(stacked)

    overload = getattr(torch.ops.actdsl, name).default  # which torch.compile can trace
    return lambda tensors: overload(list(tensors))


def extents(shape: Sequence[int]) -> tuple[int, int, int]:
    """Sizes of the first axis, of those between, and of the last; a vector is one row."""
    if len(shape) < 2:
        return 1, 1, math.prod(shape)
    return shape[0], math.prod(shape[1:-1]), shape[-1]


try:
    import_module("numba_cuda")  # numba has a module cuda of its own, for older toolkits
    cuda: Any = import_module("numba.cuda")
    libdevice: Any = import_module("numba.cuda.libdevice")
except ImportError as missing:
    raise ImportError("CUDA kernels need numba-cuda: pip install 'actdsl[cuda]'") from missing

# Inlined by Numba, so that a kernel compiles where there is no device.
device: Callable[[Any], Any] = cuda.jit(device=True, inline="always")
kernel: Callable[[Any], Any] = cuda.jit


@functools.cache
def elements(dtype: str) -> tuple[Any, Any, Any]:
    """The working type for tensors of a dtype, and the functions that read and write an element.

    Half types are computed in float32. ``read(array, i)`` gives the working type;
    ``write(array, i, value)`` rounds to the nearest, ties to even. A bfloat16 tensor is seen as
    int16: the bits that it holds are the upper half of a float32.
    """
    real = np.float64 if dtype == "float64" else np.float32
    return (real, *(_bfloat16() if dtype == "bfloat16" else _plain(real)))


def _plain(real: Any) -> tuple[Any, Any]:
    @device
    def read(array: Any, i: int) -> Any:
        return real(array[i])

    @device
    def write(array: Any, i: int, value: Any) -> None:
        array[i] = value

    return read, write


def _bfloat16() -> tuple[Any, Any]:
    @device
    def read(array: Any, i: int) -> Any:
        return libdevice.int_as_float(np.int32(np.int32(array[i]) << np.int32(16)))

    @device
    def write(array: Any, i: int, value: Any) -> None:
        bits = int(libdevice.float_as_int(value))
        nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        array[i] = nearest if value == value else 0x7FC0

    return read, write


BLOCK = 256  # threads of a block: a power of two


class Fold(NamedTuple):
    """A reduction that a pass begins.

    Attributes:
        over: what shares one result: ``all``, ``batch``, ``feature``, or ``channel`` for everything
            at one place along the last axis.
        finish: the kernel that folds the parts.
        mean: whether the result is divided by the number of elements.
    """

    over: str
    finish: Any
    mean: bool = False


class Pass(NamedTuple):
    """One launch over the elements of a tensor, and what it leaves to be folded.

    Attributes:
        kernel: takes the arrays known so far, then arrays to write element by element, then one
            array of parts per fold, then, if ``shaped``, batch, middle and features.
        written: how many arrays it writes element by element.
        folds: reductions; over ``feature`` they end in the pass itself.
        shaped: whether it needs to know the shape.
    """

    kernel: Any
    written: int
    folds: tuple[Fold, ...] = ()
    shaped: bool = False


class Launcher(NamedTuple):
    """Where kernels run.

    Attributes:
        least: the fewest blocks that a launch has, used or idle.
        most: how many blocks keep the device busy.
        scratch: makes an uninitialised array of the working type, given its length.
        call: launches ``(kernel, blocks, arguments)``.
    """

    least: int
    most: int
    scratch: Callable[[int], Any]
    call: Callable[[Any, int, Sequence[Any]], None]

    def blocks(self, wanted: int) -> int:
        """As many as wanted, within the bounds."""
        return max(self.least, min(wanted, self.most))


def run_passes(
    passes: Sequence[Pass],
    arrays: Sequence[Any],
    outputs: Sequence[Any],
    sums: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
) -> None:
    """Fill ``outputs`` (of the shape, flat) and ``sums`` from ``arrays``, pass after pass.

    The last pass writes them; what those before it find is read by all that follow.
    """
    known = list(arrays)
    size, groups = math.prod(shape), _groups(shape)
    for step in passes[:-1]:
        written = [launcher.scratch(size) for _ in range(step.written)]
        folded = [launcher.scratch(groups[fold.over]) for fold in step.folds]
        _run_pass(step, known, written, folded, shape, launcher)
        known += [*written, *folded]
    _run_pass(passes[-1], known, outputs, sums, shape, launcher)


def _run_pass(
    step: Pass,
    known: Sequence[Any],
    written: Sequence[Any],
    folded: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
) -> None:
    size, groups = math.prod(shape), _groups(shape)
    place = extents(shape) if step.shaped else ()
    if any(fold.over == "feature" for fold in step.folds):
        blocks = launcher.blocks(groups["feature"])
        launcher.call(step.kernel, blocks, [*known, *written, *folded, *place])
        return
    column_folds = [fold for fold in step.folds if fold.over != "all"]
    columns = max((groups[fold.over] for fold in column_folds), default=1)
    blocks = max(launcher.blocks(-(-size // BLOCK)), -(-columns // BLOCK))
    lanes = blocks * BLOCK // columns * columns
    parts = [launcher.scratch(blocks if fold.over == "all" else lanes) for fold in step.folds]
    launcher.call(step.kernel, blocks, [*known, *written, *parts, *place])
    for fold, part, total in zip(step.folds, parts, folded, strict=True):
        members = size // groups[fold.over] if fold.mean else 1
        launcher.call(fold.finish, launcher.blocks(total.size), [part, total, members])


def _groups(shape: Sequence[int]) -> dict[str, int]:
    """How many results a reduction over each axis has."""
    batch, middle, features = extents(shape)
    return {
        "all": 1,
        "batch": middle * features,
        "feature": batch * middle,
        "channel": features,
    }


def folding(step: Any, start: Any, real: Any) -> tuple[Any, Any]:
    """For a device function of two numbers and its neutral element, two ways to fold many.

    Returns:
        A device function that folds one value per thread of a block, and gives all of them the
        result; a kernel that folds ``parts[g], parts[g + groups], ...`` into ``totals[g]`` and
        divides by ``members``.
    """

    @device
    def fold_block(value: Any) -> Any:
        values = cuda.shared.array(BLOCK, real)
        thread = cuda.threadIdx.x
        values[thread] = value
        cuda.syncthreads()
        width = BLOCK // 2
        while width > 0:
            if thread < width:
                values[thread] = step(values[thread], values[thread + width])
            cuda.syncthreads()
            width //= 2
        total = values[0]
        cuda.syncthreads()  # the next call writes to the same memory
        return total

    @kernel
    def finish(parts: Any, totals: Any, members: int) -> None:
        groups = totals.size
        for group in range(cuda.blockIdx.x, groups, cuda.gridDim.x):
            total = start
            for k in range(group + cuda.threadIdx.x * groups, parts.size, BLOCK * groups):
                total = step(total, parts[k])
            total = fold_block(total)
            if cuda.threadIdx.x == 0:
                totals[group] = total / real(members)

    return fold_block, finish


# Numba warns of a grid of fewer; idle blocks cost less than a microsecond.
LEAST_BLOCKS = 128
BLOCKS_PER_MULTIPROCESSOR = 8
ELEMENT_TYPES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
}


def cuda_step(
    kernels: Callable[..., Mapping[str, Sequence[Pass]]],
    name: str,
    inputs: int,
    outputs: int,
    sums: int,
) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """A kernel as a step: takes a list of tensors, ``inputs`` of one shape and then parameters.

    It gives ``outputs`` tensors of that shape, then one for each of the last ``sums`` parameters.
    ``kernels`` makes every kernel's passes for a working type; ``name`` says which kernel's to run.
    """

    def run_on_tensors(tensors: Sequence[Tensor]) -> list[Tensor]:
        first = tensors[0]
        check_alike(tensors[:inputs])
        real = torch.float64 if first.dtype == torch.float64 else torch.float32
        arrays = [tensor.detach() for tensor in tensors[:inputs]]
        params = [tensor.detach().to(real) for tensor in tensors[inputs:]]
        written = [
            torch.empty_like(first, memory_format=torch.contiguous_format) for _ in range(outputs)
        ]
        totals = [torch.zeros_like(param) for param in params[len(params) - sums :]]
        if first.numel():
            passes = kernels(*elements(ELEMENT_TYPES[first.dtype]))[name]
            with context_of(first.device):
                run_passes(
                    passes,
                    [memory(tensor) for tensor in (*arrays, *params)],
                    [memory(tensor) for tensor in written],
                    [memory(tensor) for tensor in totals],
                    first.shape,
                    launcher(first.device, real),
                )
        return [*written, *(total.to(first.dtype) for total in totals)]

    return run_on_tensors


def on_cuda(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function, which tells whoever calls it with a tensor of another device what to do."""

    def call(*tensors: Tensor) -> Tensor:
        for tensor in tensors:
            if tensor.device.type not in ("cuda", "meta"):
                raise elsewhere(tensor)
        return function(*tensors)

    return call


def elsewhere(tensor: Tensor) -> Exception:
    """The error for a tensor that is not on a CUDA device."""
    other = "compile it with --backend numba or torch to run it there"
    if not torch.cuda.is_available():
        return RuntimeError(
            f"this activation needs a CUDA device and torch finds none; its tensor is on "
            f"{tensor.device}: {other}"
        )
    return TypeError(
        f"this activation takes tensors on a CUDA device, not on {tensor.device}: "
        f"call .cuda() on them, or {other}"
    )


def check_alike(tensors: Sequence[Tensor]) -> None:
    """Refuse tensors of a type without kernels, and of different shapes, types or devices."""
    first = tensors[0]
    if first.dtype not in ELEMENT_TYPES:
        raise TypeError(
            f"{first.dtype} is not supported: use float16, bfloat16, float32 or float64, "
            "for example x.to(torch.float32)"
        )
    for tensor in tensors[1:]:
        if tensor.shape != first.shape:
            raise ValueError(f"shapes differ: {tuple(first.shape)} and {tuple(tensor.shape)}")
        if tensor.dtype != first.dtype:
            raise TypeError(f"types differ: {first.dtype} and {tensor.dtype}")
        if tensor.device != first.device:
            raise ValueError(f"devices differ: {first.device} and {tensor.device}")


def memory(tensor: Tensor) -> Any:
    """A tensor's memory as a flat array for kernels; a strided tensor is copied first."""
    flat = tensor.contiguous().view(-1)
    return cuda.as_cuda_array(flat.view(torch.int16) if flat.dtype == torch.bfloat16 else flat)


def context_of(device: torch.device) -> Any:
    """A context manager that makes a device the one that Numba launches on."""
    return cuda.gpus[device.index]


@functools.cache
def most_blocks(device: torch.device) -> int:
    """How many blocks keep a device busy."""
    multiprocessors: int = torch.cuda.get_device_properties(device).multi_processor_count
    return max(LEAST_BLOCKS, BLOCKS_PER_MULTIPROCESSOR * multiprocessors)


def launcher(device: torch.device, real: torch.dtype) -> Launcher:
    """Launches on torch's current stream, with scratch memory from torch's allocator."""
    pointer = torch.cuda.current_stream(device).cuda_stream
    stream = cuda.external_stream(pointer) if pointer else 0

    def scratch(length: int) -> Any:
        return memory(torch.empty(length, dtype=real, device=device))

    def call(kernel: Any, blocks: int, arguments: Sequence[Any]) -> None:
        kernel[blocks, BLOCK, stream](*arguments)

    return Launcher(LEAST_BLOCKS, most_blocks(device), scratch, call)


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


@functools.cache
def _kernels(real, read, write):
    """The passes of each kernel, for one working type and one way to read and write elements."""

    @device
    def add(a, b):
        return a + b

    block_add, finish_add = folding(add, real(0.0), real)

    @kernel
    def forward(x_in, a_param, out0, batch, middle, features):
        for i in range(cuda.grid(1), x_in.size, cuda.gridsize(1)):
            f = i % features
            x = read(x_in, i)
            a = a_param[f]
            t0 = math.sin(a * x)
            write(out0, i, x + t0 * t0 / a)

    @kernel
    def backward(grad_in, x_in, a_param, out0, sum0, batch, middle, features):
        sum0_total = real(0.0)
        start = cuda.grid(1)
        lanes = sum0.size
        for i in range(start, grad_in.size if start < lanes else 0, lanes):
            f = i % features
            grad = read(grad_in, i)
            x = read(x_in, i)
            a = a_param[f]
            t0 = real(1.0) / a
            t1 = a * x
            t2 = math.sin(t1)
            t3 = math.cos(t1)
            t4 = t2 * (t3 * a)
            t5 = t2 * (t3 * x)
            write(out0, i, (real(1.0) + t0 * (t4 + t4)) * grad)
            sum0_total = sum0_total + ((t0 * (t5 + t5) + -(t2 * t2 / a) / a) * grad)
        if start < lanes:
            sum0[start] = sum0_total

    @kernel
    def second(
        grad_grad_x_in, grad_in, x_in, grad_grad_a_param, a_param, out0, out1, sum0, batch, middle,
        features,
    ):
        sum0_total = real(0.0)
        start = cuda.grid(1)
        lanes = sum0.size
        for i in range(start, grad_grad_x_in.size if start < lanes else 0, lanes):
            f = i % features
            grad_grad_x = read(grad_grad_x_in, i)
            grad = read(grad_in, i)
            x = read(x_in, i)
            grad_grad_a = grad_grad_a_param[f]
            a = a_param[f]
            t0 = real(1.0) / a
            t1 = a * x
            t2 = math.sin(t1)
            t3 = math.cos(t1)
            t4 = t3 * a
            t5 = t2 * t4
            t6 = t5 + t5
            t7 = t0 * t6
            t8 = t3 * x
            t9 = t2 * t8
            t10 = t9 + t9
            t11 = -(t2 * t2 / a) / a
            t12 = t0 * t10 + t11
            t13 = -t2 * a
            t14 = t4 * t4 + t2 * (a * t13)
            t15 = t8 * t4 + t2 * (x * t13 + t3)
            t16 = grad * (t0 * (t14 + t14)) * grad_grad_x + grad * (t0 * (t15 + t15) + t0 * -t7) * grad_grad_a
            t17 = -t0 / a
            t18 = -t2 * x
            t19 = t4 * t8 + t2 * (a * t18 + t3)
            t20 = t8 * t8 + t2 * (x * t18)
            t21 = grad * (t10 * t17 + t0 * (t20 + t20) + (t0 * -t12 + -t11 / a)) * grad_grad_a
            write(out0, i, (real(1.0) + t7) * grad_grad_x + t12 * grad_grad_a)
            write(out1, i, t16)
            sum0_total = sum0_total + (grad * (t6 * t17 + t0 * (t19 + t19)) * grad_grad_x + t21)
        if start < lanes:
            sum0[start] = sum0_total

    return {
        "forward": [
            Pass(forward, 1, shaped=True),
        ],
        "backward": [
            Pass(backward, 1, shaped=True, folds=[
                Fold("channel", finish_add),
            ]),
        ],
        "second": [
            Pass(second, 2, shaped=True, folds=[
                Fold("channel", finish_add),
            ]),
        ],
    }


_name = "snake_per_channel_36de562a1826318e_cuda"
_places = places(inputs=1, params=1)
_activation = differentiable(
    operator(_name + "_forward", "cuda", cuda_step(_kernels, "forward", 1, 1, 0), _places[0]),
    operator(_name + "_backward", "cuda", cuda_step(_kernels, "backward", 2, 1, 1), _places[1]),
    operator(_name + "_second", "cuda", cuda_step(_kernels, "second", 3, 2, 1), _places[2]),
    inputs=1,
)
_on_cuda = on_cuda(_activation)


def snake_per_channel(x, a=1.0):
    """snake_per_channel of tensors of one shape, differentiable twice in torch."""
    return _on_cuda(x, as_parameter(a, x, each=True))


class SnakePerChannel(Layer):
    """snake_per_channel as a module."""

    _params = (
        ('a', 1.0, 0.1, 10.0, True),
    )

    def _activate(self, *tensors: Tensor) -> Tensor:
        return snake_per_channel(*tensors)
