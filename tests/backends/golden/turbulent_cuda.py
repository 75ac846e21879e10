"""turbulent: an activation function, compiled by actdsl 0.1.0 for cuda.

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

import functools
import inspect
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


def extents(shape: Sequence[int]) -> tuple[int, int, int]:
    """Sizes of the first axis, of those between, and of the last; a vector is one row."""
    if len(shape) < 2:
        return 1, 1, math.prod(shape)
    return shape[0], math.prod(shape[1:-1]), shape[-1]


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


VECTOR_BYTES = 16
WIDTHS = {"float16": 8, "bfloat16": 8, "float32": 4, "float64": 2}


def each_in_python(function: Any, vectors: Any, scalars: Any) -> Any:
    """What ``each`` means."""
    lanes = [function(*lane, *scalars) for lane in zip(*vectors, strict=True)]
    return tuple(zip(*lanes, strict=True)) if isinstance(lanes[0], tuple) else tuple(lanes)


@lowered(each_in_python)
def each(typing: Any, function: Any, vectors: Any, scalars: Any) -> Any:
    """A formula of one element, applied to every lane of some vectors.

    Args:
        function: takes a value of each vector, then the scalars.
        vectors: a tuple of vectors.
        scalars: a tuple of numbers that all lanes share.

    Returns:
        A vector, or, if the formula has several results, a tuple with a vector for each.
    """
    real, width = vectors[0].dtype, vectors[0].count
    vector = types.UniTuple(real, width)
    of_lane = typing.resolve_function_type(function, [real] * (len(vectors) + len(scalars)), {})
    several = isinstance(of_lane.return_type, types.BaseTuple)

    def call(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        apply = context.get_function(function, of_lane)
        shared = [builder.extract_value(operands[2], k) for k in range(len(scalars))]
        lanes = [
            apply(builder, [*(builder.extract_value(operands[1], [k, lane]) for k in own), *shared])
            for lane in range(width)
        ]
        if not several:
            return context.make_tuple(builder, vector, lanes)
        columns = [
            context.make_tuple(builder, vector, [builder.extract_value(lane, k) for lane in lanes])
            for k in range(of_lane.return_type.count)
        ]
        return context.make_tuple(builder, signature.return_type, columns)

    own = range(len(vectors))
    found = types.UniTuple(vector, of_lane.return_type.count) if several else vector
    return found(function, vectors, scalars), call


def folded_in_python(step: Any, values: Any) -> Any:
    """What ``folded`` means."""
    values = list(values)
    while len(values) > 1:
        values = [step(a, b) for a, b in zip(values[::2], values[1::2], strict=True)]
    return values[0]


@lowered(folded_in_python)
def folded(typing: Any, step: Any, values: Any) -> Any:
    """A vector's lanes folded to one value by a formula of two, neighbours first."""
    of_two = typing.resolve_function_type(step, [values.dtype, values.dtype], {})

    def call(context: Any, builder: Any, _form: Any, operands: Any) -> Any:
        apply = context.get_function(step, of_two)
        lanes = [builder.extract_value(operands[1], k) for k in range(values.count)]
        return folded_in_python(lambda a, b: apply(builder, [a, b]), lanes)

    return values.dtype(step, values), call


def vectors(dtype: str, read: Any, write: Any) -> tuple[Any, Any]:
    """``load(array, v)`` and ``store(array, v, values)`` for whole, aligned vectors of a dtype.

    They mean what ``read`` and ``write`` do to one element after the other.
    """
    width = WIDTHS[dtype]

    def load(array: Any, v: int) -> Any:
        return tuple(read(array, width * v + k) for k in range(width))

    def store(array: Any, v: int, values: Any) -> None:
        for k in range(width):
            write(array, width * v + k, values[k])

    form, unpack, pack = _packing(dtype)
    real = types.float64 if dtype == "float64" else types.float32
    vector = types.UniTuple(real, width)

    @lowered(load)
    def load_vector(_: Any, array: Any, v: Any) -> Any:
        def call(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            place = _place(context, builder, signature.args[0], operands, form)
            words = builder.load(place, align=VECTOR_BYTES)
            lanes = [
                value
                for k in range(form.count)
                for value in unpack(builder, builder.extract_element(words, _index(k)))
            ]
            return context.make_tuple(builder, vector, lanes)

        return vector(array, v), call

    @lowered(store)
    def store_vector(_: Any, array: Any, v: Any, values: Any) -> Any:
        def call(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            place = _place(context, builder, signature.args[0], operands, form)
            lanes = [builder.extract_value(operands[2], k) for k in range(width)]
            share = width // form.count
            words = ir.Constant(form, ir.Undefined)
            for k in range(form.count):
                word = pack(builder, *lanes[share * k : share * (k + 1)])
                words = builder.insert_element(words, word, _index(k))
            builder.store(words, place, align=VECTOR_BYTES)
            return context.get_dummy_value()

        return types.void(array, v, values), call

    return load_vector, store_vector


def _index(k: int) -> Any:
    return ir.Constant(ir.IntType(32), k)


def _place(context: Any, builder: Any, kind: Any, operands: Any, form: Any) -> Any:
    """The address of vector ``operands[1]`` of an array."""
    data = context.make_array(kind)(context, builder, operands[0]).data
    return builder.gep(builder.bitcast(data, form.as_pointer()), [operands[1]])


def _packing(dtype: str) -> tuple[Any, Callable[..., list[Any]], Callable[..., Any]]:
    """A vector as LLVM sees it, and functions from one of its words to values and back."""
    if dtype in ("float32", "float64"):
        real = ir.DoubleType() if dtype == "float64" else ir.FloatType()
        return ir.VectorType(real, WIDTHS[dtype]), lambda _, word: [word], lambda _, value: value
    words = ir.VectorType(ir.IntType(32), 4)
    if dtype == "float16":
        return words, _two_halves, _rounded_to("f16x2", _float16_bits)
    return words, _two_upper_halves, _rounded_to("bf16x2", _bfloat16_bits)


def _two_halves(builder: Any, word: Any) -> list[Any]:
    pair = builder.bitcast(word, ir.VectorType(ir.HalfType(), 2))
    return [builder.fpext(builder.extract_element(pair, _index(k)), ir.FloatType()) for k in (0, 1)]


def _two_upper_halves(builder: Any, word: Any) -> list[Any]:
    low, high = builder.shl(word, _index(16)), builder.and_(word, _index(0xFFFF0000))
    return [builder.bitcast(bits, ir.FloatType()) for bits in (low, high)]


def _rounded_to(pair: str, half: Callable[..., Any]) -> Callable[..., Any]:
    """Two float32 values, rounded to nearest even, as one word; ``half`` rounds one of them.

    From compute capability 8.0 on this is one instruction.
    """

    def pack(builder: Any, low: Any, high: Any) -> Any:
        if compilation().compute_capability >= (8, 0):
            form = ir.FunctionType(ir.IntType(32), [ir.FloatType()] * 2)
            code = ir.InlineAsm(form, f"cvt.rn.{pair}.f32 $0, $1, $2;", "=r,f,f")
            return builder.call(code, [high, low], attrs=("nounwind", "readnone"))
        return builder.or_(half(builder, low), builder.shl(half(builder, high), _index(16)))

    return pack


def _float16_bits(builder: Any, value: Any) -> Any:
    bits = builder.bitcast(builder.fptrunc(value, ir.HalfType()), ir.IntType(16))
    return builder.zext(bits, ir.IntType(32))


def _bfloat16_bits(builder: Any, value: Any) -> Any:
    bits = builder.bitcast(value, ir.IntType(32))
    odd = builder.and_(builder.lshr(bits, _index(16)), _index(1))
    nearest = builder.lshr(builder.add(bits, builder.add(odd, _index(0x7FFF))), _index(16))
    return builder.select(builder.fcmp_unordered("uno", value, value), _index(0x7FC0), nearest)


class Elements(NamedTuple):
    """How kernels see the tensors of one type.

    Attributes:
        real: the working type.
        read: ``read(array, i)`` is element i in the working type.
        write: ``write(array, i, value)`` rounds to the nearest, ties to even.
        load: ``load(array, v)`` is the vector of elements ``width * v`` and those after it.
        store: ``store(array, v, values)`` writes a vector.
        width: how many elements 128 bits hold.
        quick: whether the hardware's approximations will do.
    """

    real: Any
    read: Any
    write: Any
    load: Any
    store: Any
    width: int
    quick: bool


@functools.cache
def elements(dtype: str, fast: bool = False) -> Elements:
    """For tensors of a dtype; ``fast`` has float32 approximated as half types are.

    Half types are computed in float32. A bfloat16 tensor is seen as int16: the bits that it holds
    are the upper half of a float32.
    """
    real = np.float64 if dtype == "float64" else np.float32
    read, write = _bfloat16() if dtype == "bfloat16" else _plain(real)
    load, store = vectors(dtype, read, write)
    half = dtype in ("float16", "bfloat16")
    return Elements(
        real, read, write, load, store, WIDTHS[dtype], half or (fast and dtype == "float32")
    )


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
WAVES = 8
"""How often a launch that leaves no parts may fill the device.

Which kernels fill it with fewer blocks than ``Launcher.most`` depends on their registers: the last
of several short waves then costs little, where the second of two would run half empty.
"""


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
            array of parts per fold, then, if ``shaped``, batch, middle and features, or, if
            ``vectorised``, the number of vectors that it may read whole.
        written: how many arrays it writes element by element.
        folds: reductions; over ``feature`` they end in the pass itself.
        shaped: whether it needs to know the shape.
        vectorised: whether a thread takes a vector at a time, and single elements only after these.
    """

    kernel: Any
    written: int
    folds: tuple[Fold, ...] = ()
    shaped: bool = False
    vectorised: bool = False


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

    def blocks(self, wanted: int, waves: int = 1) -> int:
        """As many as wanted, within the bounds."""
        return max(self.least, min(wanted, waves * self.most))


def run_passes(
    passes: Sequence[Pass],
    arrays: Sequence[Any],
    outputs: Sequence[Any],
    sums: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
    vectors: int = 0,
) -> None:
    """Fill ``outputs`` (of the shape, flat) and ``sums`` from ``arrays``, pass after pass.

    The last pass writes them; what those before it find is read by all that follow. ``vectors``
    tells how many whole vectors the tensors have, 0 where one of them is not aligned for vectors.
    """
    if vectors < launcher.least * BLOCK:  # single elements then keep more threads busy
        vectors = 0
    known = list(arrays)
    size, groups = math.prod(shape), _groups(shape)
    for step in passes[:-1]:
        written = [launcher.scratch(size) for _ in range(step.written)]
        folded = [launcher.scratch(groups[fold.over]) for fold in step.folds]
        _run_pass(step, known, written, folded, shape, launcher, vectors)
        known += [*written, *folded]
    _run_pass(passes[-1], known, outputs, sums, shape, launcher, vectors)


def _run_pass(
    step: Pass,
    known: Sequence[Any],
    written: Sequence[Any],
    folded: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
    vectors: int,
) -> None:
    size, groups = math.prod(shape), _groups(shape)
    place = extents(shape) if step.shaped else (vectors,) if step.vectorised else ()
    if any(fold.over == "feature" for fold in step.folds):
        blocks = launcher.blocks(groups["feature"])
        launcher.call(step.kernel, blocks, [*known, *written, *folded, *place])
        return
    column_folds = [fold for fold in step.folds if fold.over != "all"]
    columns = max((groups[fold.over] for fold in column_folds), default=1)
    turns = vectors if step.vectorised and vectors else size
    wanted = launcher.blocks(-(-turns // BLOCK), waves=1 if step.folds else WAVES)
    blocks = max(wanted, -(-columns // BLOCK))
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


def folding_in(step: Any) -> Any:
    """A device function that folds one value per thread of a block, and gives all the result.

    It takes memory that they share, for as many values, and which it leaves free again.
    """

    @device
    def fold_in(values: Any, value: Any) -> Any:
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

    return fold_in


def folding(step: Any, start: Any, real: Any) -> tuple[Any, Any]:
    """For a device function of two numbers and its neutral element, two ways to fold many.

    Returns:
        A device function that folds one value per thread of a block, and gives all of them the
        result; a kernel that folds ``parts[g], parts[g + groups], ...`` into ``totals[g]`` and
        divides by ``members``.
    """
    fold_in = folding_in(step)

    @device
    def fold_block(value: Any) -> Any:
        return fold_in(cuda.shared.array(BLOCK, real), value)

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
    fast: bool = False,
) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """A kernel as a step: takes a list of tensors, ``inputs`` of one shape and then parameters.

    It gives ``outputs`` tensors of that shape, then one for each of the last ``sums`` parameters.
    ``kernels`` makes every kernel's passes for a type; ``name`` says which kernel's to run; ``fast``
    has float32 approximated as half types are.
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
            of_type = elements(ELEMENT_TYPES[first.dtype], fast)
            flat = [tensor.contiguous() for tensor in arrays]
            with context_of(first.device):
                run_passes(
                    kernels(*of_type)[name],
                    [memory(tensor) for tensor in (*flat, *params)],
                    [memory(tensor) for tensor in written],
                    [memory(tensor) for tensor in totals],
                    first.shape,
                    launcher(first.device, real),
                    vectors=first.numel() // of_type.width if aligned([*flat, *written]) else 0,
                )
        return [*written, *(total.to(first.dtype) for total in totals)]

    return run_on_tensors


def warm_up(
    function: Callable[..., Tensor],
    inputs: int = 1,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cuda",
) -> None:
    """Compile what an activation's value and gradient need, as a CUDA graph does before a capture.

    ``function`` takes ``inputs`` tensors, like the one that this file defines.
    """
    tensors = [
        torch.zeros(1, dtype=dtype, device=device, requires_grad=True) for _ in range(inputs)
    ]
    torch.autograd.grad(function(*tensors).sum(), tensors)


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


def aligned(tensors: Sequence[Tensor]) -> bool:
    """Whether every tensor begins where a vector may."""
    return all(tensor.data_ptr() % VECTOR_BYTES == 0 for tensor in tensors)


def memory(tensor: Tensor) -> Any:
    """A tensor's memory as a flat array for kernels; a strided tensor is copied first."""
    flat = tensor.contiguous().view(-1)
    return cuda.as_cuda_array(flat.view(torch.int16) if flat.dtype == torch.bfloat16 else flat)


def context_of(device: torch.device) -> Any:
    """A context manager that makes a device the one that Numba launches on."""
    return cuda.gpus[device.index]


@functools.cache
def stream_of(pointer: int) -> Any:
    """A stream of torch's as Numba's: always the same object, by which Numba knows a launch again."""
    return cuda.external_stream(pointer) if pointer else 0


@functools.cache
def most_blocks(device: torch.device) -> int:
    """How many blocks keep a device busy."""
    multiprocessors: int = torch.cuda.get_device_properties(device).multi_processor_count
    return max(LEAST_BLOCKS, BLOCKS_PER_MULTIPROCESSOR * multiprocessors)


def launcher(device: torch.device, real: torch.dtype) -> Launcher:
    """Launches on torch's current stream, with scratch memory from torch's allocator."""
    stream = stream_of(torch.cuda.current_stream(device).cuda_stream)

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
def _kernels(real, read, write, load, store, width, quick):
    """The passes of each kernel, for tensors of one type, which these are the ``Elements`` of."""

    @formula(1)
    def divide_quick(a, b):
        """a / b, without the subroutine that rounds it properly."""
        return div_full(a, b)

    @formula(1)
    def divide_exact(a, b):
        """a / b."""
        return a / b

    divide = divide_quick if quick else divide_exact

    @formula(1)
    def sin_in_half_turn(r):
        """sin(r) for abs(r) up to pi/2: an odd minimax polynomial, relative error 2**-27."""
        z = r * r
        p = fma(z, real(2.6060666e-06), real(-0.00019809771))
        p = fma(z, p, real(0.008333069))
        p = fma(z, p, real(-0.1666666))
        return fma(r * z, p, r)

    @formula(1)
    def less_turns(x, n):
        """x - n pi."""
        r = fma(n, real(-3.1415927410125732), x)
        r = fma(n, real(8.742277657347586e-08), r)
        return fma(n, real(3.4302490200117637e-15), r)

    @device
    def word_of_two_over_pi(index):
        """Word ``index`` of the bits of 2/pi, after a word of zeros; a choice, not a table in memory."""
        early = 0 if index == 0 else (0xA2F9836E if index == 1 else 0x4E441529)
        late = 0xDB629599 if index == 5 else (0x3C439041 if index == 6 else 0xFE5163AB)
        middle = 0xFC2757D1 if index == 3 else 0xF534DDC0
        return early if index < 3 else (middle if index < 5 else late)

    @formula(2)
    def far_quarter_turns(x):
        """The same for abs(x) from 2**16 on, k as a number; r is NaN for infinities and NaN."""
        bits = bits_of(x)
        exponent = (bits >> 23) & 255
        significand = (bits & 0x7FFFFF) | 0x800000
        # The bits of 2/pi whose products are below 4, from 32 zeros and 224 bits in words of 32.
        word, shift = (exponent - 120) >> 5, (exponent - 120) & 31
        a = word_of_two_over_pi(word)
        b = word_of_two_over_pi(word + 1)
        c = word_of_two_over_pi(word + 2)
        d = word_of_two_over_pi(word + 3)
        high = (((a << 32) | b) >> (32 - shift)) & 0xFFFFFFFF
        middle = (((b << 32) | c) >> (32 - shift)) & 0xFFFFFFFF
        low = (((c << 32) | d) >> (32 - shift)) & 0xFFFFFFFF
        # The product modulo 4, with 62 bits behind the point.
        below = significand * middle + ((significand * low) >> 32)
        above = significand * high + (below >> 32)
        k = (above >> 30) & 3
        rest = ((above & 0x3FFFFFFF) << 32) | (below & 0xFFFFFFFF)
        if rest >= 0x2000000000000000:
            k += 1
            rest -= 0x4000000000000000
        nearest = real(rest)
        beyond = real(rest - int(nearest))
        # pi/2 * 2**-62 in two parts.
        r = fma(beyond, real(3.4061216748705226e-19), nearest * real(-9.478396428567739e-27))
        r = fma(nearest, real(3.4061216748705226e-19), r)
        if x < real(0.0):
            k, r = -k, -r
        return real(k), (x - x if exponent == 255 else r)

    @formula(2)
    def far_half_turns(x, quarters):
        """k and r with sin(x + quarters pi/2) = sin(k pi + r), for abs(x) from 2**16 on."""
        turns, r = far_quarter_turns(x)
        k = int(turns + quarters)
        across = real(1.5707963705062866) - abs(r) - real(4.371138828673793e-08)
        return real((k >> 1) & 1), (across if k & 1 else r)

    @formula(1)
    def sin_single(x):
        """sin(x), keeping the sign of zero."""
        # Adding 1.5 * 2**23 rounds to an integer, and leaves it in the last bits.
        if abs(x) < real(65536.0):
            shifted = fma(x, real(0.3183098861837907), real(12582912.0))
            r = less_turns(x, shifted - real(12582912.0))
        else:
            turns, r = far_half_turns(x, real(0.0))
            shifted = turns + real(12582912.0)
        value = sin_in_half_turn(with_sign(r, bits_of(shifted)))
        return x if x == real(0.0) else value

    sin = math.sin if real is np.float64 else sin_single

    @formula(1)
    def sqrt_quick(x):
        """The instruction."""
        return sqrt_approx(x)

    sqrt = sqrt_quick if quick else math.sqrt

    @formula(1)
    def exp_quick(x):
        """2**(x log2(e))."""
        return ex2(x * real(1.4426950408889634))

    exp = exp_quick if quick else math.exp

    @formula(1)
    def cos_single(x):
        """cos(x) = sin(x + pi/2)."""
        if abs(x) < real(65536.0):
            shifted = fma(x, real(0.3183098861837907), real(0.5)) + real(12582912.0)
            r = less_turns(x, shifted - real(12582912.0) - real(0.5))
        else:
            turns, r = far_half_turns(x, real(1.0))
            shifted = turns + real(12582912.0)
        return sin_in_half_turn(with_sign(r, bits_of(shifted)))

    cos = math.cos if real is np.float64 else cos_single

    @formula(1)
    def log1p_quick(x):
        """x P(x) up to 3/8, relative error 2**-16, and log(1 + x) beyond."""
        p = fma(x, real(-0.2016916), real(0.23449527))
        p = fma(x, p, real(-0.24749897))
        p = fma(x, p, real(0.3314341))
        p = fma(x, p, real(-0.50004256))
        p = fma(x, p, real(1.0000151))
        beyond = lg2(real(1.0) + x) * real(0.6931471805599453)
        return x * p if abs(x) < real(0.375) else beyond

    log1p = log1p_quick if quick else math.log1p

    @formula(1)
    def add(a, b):
        return a + b

    block_add, finish_add = folding(add, real(0.0), real)

    @formula(1)
    def forward_0_at(x):
        return x

    @kernel
    def forward_0(x_in, mean0, vectors):
        mean0_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean0_lanes = each(forward_0_at, (load(x_in, v),), ())
            mean0_total = add(mean0_total, folded(add, mean0_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < x_in.size:
            mean0_value = forward_0_at(read(x_in, i))
            mean0_total = add(mean0_total, mean0_value)
            i += cuda.gridsize(1)
        mean0_total = block_add(mean0_total)
        if cuda.threadIdx.x == 0:
            mean0[cuda.blockIdx.x] = mean0_total

    @formula(1)
    def forward_1_at(x, mean0):
        t0 = x - mean0
        return t0 * t0

    @kernel
    def forward_1(x_in, mean0, mean1, vectors):
        mean1_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean1_lanes = each(forward_1_at, (load(x_in, v),), (mean0[0],))
            mean1_total = add(mean1_total, folded(add, mean1_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < x_in.size:
            mean1_value = forward_1_at(read(x_in, i), mean0[0])
            mean1_total = add(mean1_total, mean1_value)
            i += cuda.gridsize(1)
        mean1_total = block_add(mean1_total)
        if cuda.threadIdx.x == 0:
            mean1[cuda.blockIdx.x] = mean1_total

    @formula(1)
    def forward_at(x, mean0, mean1):
        t0 = (real(1.0) if x > real(0.0) else (real(-1.0) if x < real(0.0) else x)) * log1p(real(0.5) * abs(x))
        t1 = divide(real(1.0), real(1e-06) + (sqrt(mean1) if (mean1 > real(0.0)) else mean1))
        t2 = (x - mean0) * t1
        return t0 + real(0.2) * (sin(real(2.0) * x) * exp(real(-0.5) * (t2 * t2)))

    @kernel
    def forward(x_in, mean0, mean1, out0, vectors):
        v = cuda.grid(1)
        while v < vectors:
            store(out0, v, each(forward_at, (load(x_in, v),), (mean0[0], mean1[0])))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < x_in.size:
            write(out0, i, forward_at(read(x_in, i), mean0[0], mean1[0]))
            i += cuda.gridsize(1)

    @formula(1)
    def backward_0_at(x):
        return x

    @kernel
    def backward_0(grad_in, x_in, mean0, vectors):
        mean0_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean0_lanes = each(backward_0_at, (load(x_in, v),), ())
            mean0_total = add(mean0_total, folded(add, mean0_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_in.size:
            mean0_value = backward_0_at(read(x_in, i))
            mean0_total = add(mean0_total, mean0_value)
            i += cuda.gridsize(1)
        mean0_total = block_add(mean0_total)
        if cuda.threadIdx.x == 0:
            mean0[cuda.blockIdx.x] = mean0_total

    @formula(1)
    def backward_1_at(x, mean0):
        t0 = x - mean0
        return t0 * t0

    @kernel
    def backward_1(grad_in, x_in, mean0, mean1, vectors):
        mean1_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean1_lanes = each(backward_1_at, (load(x_in, v),), (mean0[0],))
            mean1_total = add(mean1_total, folded(add, mean1_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_in.size:
            mean1_value = backward_1_at(read(x_in, i), mean0[0])
            mean1_total = add(mean1_total, mean1_value)
            i += cuda.gridsize(1)
        mean1_total = block_add(mean1_total)
        if cuda.threadIdx.x == 0:
            mean1[cuda.blockIdx.x] = mean1_total

    @formula(2)
    def backward_2_at(grad, x, mean0, mean1):
        t0 = sin(real(2.0) * x)
        t1 = (mean1 > real(0.0))
        t2 = sqrt(mean1)
        t3 = divide(real(1.0), real(1e-06) + (t2 if t1 else mean1))
        t4 = (x - mean0) * t3
        t5 = exp(real(-0.5) * (t4 * t4))
        t6 = t4 * (-t4 * t3 * ((real(0.5) * divide(real(1.0), t2)) if t1 else real(1.0)))
        t7 = t4 * -t3
        return real(-0.1) * (grad * (t0 * (t5 * (t6 + t6)))), real(-0.1) * (grad * (t0 * (t5 * (t7 + t7))))

    @kernel
    def backward_2(grad_in, x_in, mean0, mean1, mean2, mean3, vectors):
        mean2_total = real(0.0)
        mean3_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean2_lanes, mean3_lanes = each(backward_2_at, (load(grad_in, v), load(x_in, v)), (mean0[0], mean1[0]))
            mean2_total = add(mean2_total, folded(add, mean2_lanes))
            mean3_total = add(mean3_total, folded(add, mean3_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_in.size:
            mean2_value, mean3_value = backward_2_at(read(grad_in, i), read(x_in, i), mean0[0], mean1[0])
            mean2_total = add(mean2_total, mean2_value)
            mean3_total = add(mean3_total, mean3_value)
            i += cuda.gridsize(1)
        mean2_total = block_add(mean2_total)
        mean3_total = block_add(mean3_total)
        if cuda.threadIdx.x == 0:
            mean2[cuda.blockIdx.x] = mean2_total
            mean3[cuda.blockIdx.x] = mean3_total

    @formula(1)
    def backward_at(grad, x, mean0, mean1, mean2, mean3):
        t0 = (real(1.0) if x > real(0.0) else (real(-1.0) if x < real(0.0) else x))
        t1 = real(0.5) * (t0 * (divide(real(1.0), real(1.0) + real(0.5) * abs(x)) * t0))
        t2 = x - mean0
        t3 = divide(real(1.0), real(1e-06) + (sqrt(mean1) if (mean1 > real(0.0)) else mean1))
        t4 = t2 * t3
        t5 = exp(real(-0.5) * (t4 * t4))
        t6 = real(2.0) * x
        t7 = t4 * t3
        t8 = real(0.2) * (real(2.0) * (t5 * cos(t6)) + real(-0.5) * (sin(t6) * (t5 * (t7 + t7))))
        return (t1 + t8) * grad + (t2 + t2) * mean2 + mean3

    @kernel
    def backward(grad_in, x_in, mean0, mean1, mean2, mean3, out0, vectors):
        v = cuda.grid(1)
        while v < vectors:
            store(out0, v, each(backward_at, (load(grad_in, v), load(x_in, v)), (mean0[0], mean1[0], mean2[0], mean3[0])))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_in.size:
            write(out0, i, backward_at(read(grad_in, i), read(x_in, i), mean0[0], mean1[0], mean2[0], mean3[0]))
            i += cuda.gridsize(1)

    @formula(2)
    def second_0_at(grad_grad_x, x):
        return x, grad_grad_x

    @kernel
    def second_0(grad_grad_x_in, grad_in, x_in, mean0, mean2, vectors):
        mean0_total = real(0.0)
        mean2_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean0_lanes, mean2_lanes = each(second_0_at, (load(grad_grad_x_in, v), load(x_in, v)), ())
            mean0_total = add(mean0_total, folded(add, mean0_lanes))
            mean2_total = add(mean2_total, folded(add, mean2_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_grad_x_in.size:
            mean0_value, mean2_value = second_0_at(read(grad_grad_x_in, i), read(x_in, i))
            mean0_total = add(mean0_total, mean0_value)
            mean2_total = add(mean2_total, mean2_value)
            i += cuda.gridsize(1)
        mean0_total = block_add(mean0_total)
        mean2_total = block_add(mean2_total)
        if cuda.threadIdx.x == 0:
            mean0[cuda.blockIdx.x] = mean0_total
            mean2[cuda.blockIdx.x] = mean2_total

    @formula(2)
    def second_1_at(grad_grad_x, x, mean0):
        t0 = x - mean0
        return t0 * t0, (t0 + t0) * grad_grad_x

    @kernel
    def second_1(grad_grad_x_in, grad_in, x_in, mean0, mean2, mean1, mean3, vectors):
        mean1_total = real(0.0)
        mean3_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean1_lanes, mean3_lanes = each(second_1_at, (load(grad_grad_x_in, v), load(x_in, v)), (mean0[0],))
            mean1_total = add(mean1_total, folded(add, mean1_lanes))
            mean3_total = add(mean3_total, folded(add, mean3_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_grad_x_in.size:
            mean1_value, mean3_value = second_1_at(read(grad_grad_x_in, i), read(x_in, i), mean0[0])
            mean1_total = add(mean1_total, mean1_value)
            mean3_total = add(mean3_total, mean3_value)
            i += cuda.gridsize(1)
        mean1_total = block_add(mean1_total)
        mean3_total = block_add(mean3_total)
        if cuda.threadIdx.x == 0:
            mean1[cuda.blockIdx.x] = mean1_total
            mean3[cuda.blockIdx.x] = mean3_total

    @formula(2)
    def second_2_at(grad_grad_x, grad, x, mean0, mean2, mean1, mean3):
        t0 = real(2.0) * x
        t1 = sin(t0)
        t2 = (mean1 > real(0.0))
        t3 = sqrt(mean1)
        t4 = divide(real(1.0), real(1e-06) + (t3 if t2 else mean1))
        t5 = (x - mean0) * t4
        t6 = exp(real(-0.5) * (t5 * t5))
        t7 = -t5 * t4
        t8 = divide(real(1.0), t3)
        t9 = real(0.5) * t8
        t10 = (t9 if t2 else real(1.0))
        t11 = t7 * t10
        t12 = t5 * t11
        t13 = t12 + t12
        t14 = t6 * t13
        t15 = t5 * t4
        t16 = -t4 * t4 * t10
        t17 = t4 * t11 + t5 * t16
        t18 = real(-0.5) * (t1 * (real(-0.5) * ((t15 + t15) * t14) + t6 * (t17 + t17)))
        t19 = t5 * -t4
        t20 = -t4 * t11 + t5 * -t16
        t21 = mean2 * (grad * (t1 * (real(-0.5) * ((t19 + t19) * t14) + t6 * (t20 + t20))))
        t22 = real(0.2) * (grad_grad_x * (grad * (t18 - cos(t0) * t14))) + real(-0.1) * t21
        t23 = t10 * (t4 * -t11 + -t7 * t4 * t10) + t7 * ((-t9 * t8 * t9) if t2 else real(0.0))
        t24 = t11 * t11 + t5 * t23
        t25 = real(-0.1) * (mean3 * (grad * (t1 * (real(-0.5) * (t13 * t14) + t6 * (t24 + t24)))))
        return real(-0.1) * (grad * (t1 * t14)), t22 + t25

    @kernel
    def second_2(
        grad_grad_x_in, grad_in, x_in, mean0, mean2, mean1, mean3, mean4, mean5, vectors,
    ):
        mean4_total = real(0.0)
        mean5_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean4_lanes, mean5_lanes = each(second_2_at, (load(grad_grad_x_in, v), load(grad_in, v), load(x_in, v)), (mean0[0], mean2[0], mean1[0], mean3[0]))
            mean4_total = add(mean4_total, folded(add, mean4_lanes))
            mean5_total = add(mean5_total, folded(add, mean5_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_grad_x_in.size:
            mean4_value, mean5_value = second_2_at(read(grad_grad_x_in, i), read(grad_in, i), read(x_in, i), mean0[0], mean2[0], mean1[0], mean3[0])
            mean4_total = add(mean4_total, mean4_value)
            mean5_total = add(mean5_total, mean5_value)
            i += cuda.gridsize(1)
        mean4_total = block_add(mean4_total)
        mean5_total = block_add(mean5_total)
        if cuda.threadIdx.x == 0:
            mean4[cuda.blockIdx.x] = mean4_total
            mean5[cuda.blockIdx.x] = mean5_total

    @formula(2)
    def second_3_at(grad_grad_x, grad, x, mean0, mean1, mean3, mean4):
        t0 = real(2.0) * x
        t1 = sin(t0)
        t2 = (mean1 > real(0.0))
        t3 = sqrt(mean1)
        t4 = divide(real(1.0), real(1e-06) + (t3 if t2 else mean1))
        t5 = (x - mean0) * t4
        t6 = t5 * t4
        t7 = exp(real(-0.5) * (t5 * t5))
        t8 = t5 * -t4
        t9 = t8 + t8
        t10 = t7 * t9
        t11 = t4 * -t4
        t12 = real(-0.5) * (t1 * (real(-0.5) * ((t6 + t6) * t10) + t7 * (t11 + t11))) - cos(t0) * t10
        t13 = real(2.0) * mean4
        t14 = ((real(0.5) * divide(real(1.0), t3)) if t2 else real(1.0))
        t15 = -t5 * t4 * t14
        t16 = t5 * t15
        t17 = t4 * t4
        t18 = t15 * -t4 + t5 * (t14 * t17)
        t19 = mean3 * (grad * (t1 * (real(-0.5) * ((t16 + t16) * t10) + t7 * (t18 + t18))))
        t20 = real(-0.1) * (grad * (t1 * (real(-0.5) * (t9 * t10) + t7 * (t17 + t17))))
        return (real(0.2) * (grad * t12) + -t13) * grad_grad_x + real(-0.1) * t19, t20 + t13

    @kernel
    def second_3(
        grad_grad_x_in, grad_in, x_in, mean0, mean2, mean1, mean3, mean4, mean5, mean6, mean7,
        vectors,
    ):
        mean6_total = real(0.0)
        mean7_total = real(0.0)
        v = cuda.grid(1)
        while v < vectors:
            mean6_lanes, mean7_lanes = each(second_3_at, (load(grad_grad_x_in, v), load(grad_in, v), load(x_in, v)), (mean0[0], mean1[0], mean3[0], mean4[0]))
            mean6_total = add(mean6_total, folded(add, mean6_lanes))
            mean7_total = add(mean7_total, folded(add, mean7_lanes))
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_grad_x_in.size:
            mean6_value, mean7_value = second_3_at(read(grad_grad_x_in, i), read(grad_in, i), read(x_in, i), mean0[0], mean1[0], mean3[0], mean4[0])
            mean6_total = add(mean6_total, mean6_value)
            mean7_total = add(mean7_total, mean7_value)
            i += cuda.gridsize(1)
        mean6_total = block_add(mean6_total)
        mean7_total = block_add(mean7_total)
        if cuda.threadIdx.x == 0:
            mean6[cuda.blockIdx.x] = mean6_total
            mean7[cuda.blockIdx.x] = mean7_total

    @formula(2)
    def second_at(grad_grad_x, grad, x, mean0, mean2, mean1, mean3, mean4, mean5, mean6, mean7):
        t0 = (real(1.0) if x > real(0.0) else (real(-1.0) if x < real(0.0) else x))
        t1 = divide(real(1.0), real(1.0) + real(0.5) * abs(x))
        t2 = x - mean0
        t3 = (mean1 > real(0.0))
        t4 = sqrt(mean1)
        t5 = divide(real(1.0), real(1e-06) + (t4 if t3 else mean1))
        t6 = t2 * t5
        t7 = exp(real(-0.5) * (t6 * t6))
        t8 = real(2.0) * x
        t9 = cos(t8)
        t10 = sin(t8)
        t11 = t6 * t5
        t12 = t11 + t11
        t13 = t7 * t12
        t14 = real(0.5) * (t0 * (t1 * t0)) + real(0.2) * (real(2.0) * (t7 * t9) + real(-0.5) * (t10 * t13))
        t15 = t6 * -t5
        t16 = t15 + t15
        t17 = t7 * t16
        t18 = ((real(0.5) * divide(real(1.0), t4)) if t3 else real(1.0))
        t19 = -t6 * t5 * t18
        t20 = t6 * t19
        t21 = t20 + t20
        t22 = t7 * t21
        t23 = t14 * grad_grad_x + real(-0.1) * (mean2 * (t10 * t17)) + real(-0.1) * (mean3 * (t10 * t22))
        t24 = t5 * t5
        t25 = real(2.0) * (t13 * t9) + t10 * (real(-0.5) * (t12 * t13) + t7 * (t24 + t24))
        t26 = real(2.0) * (real(-0.5) * (t9 * t13) + real(2.0) * (t7 * -t10)) + real(-0.5) * t25
        t27 = real(2.0) * mean4
        t28 = grad * (real(0.25) * (t0 * (t0 * (-t1 * t1 * t0))) + real(0.2) * t26) + t27
        t29 = -t5 * t5
        t30 = real(2.0) * (t17 * t9) + t10 * (real(-0.5) * (t16 * t13) + t7 * (t29 + t29))
        t31 = t19 * t5 + t6 * (t18 * (t5 * -t5))
        t32 = real(2.0) * (t22 * t9) + t10 * (real(-0.5) * (t21 * t13) + t7 * (t31 + t31))
        t33 = t28 * grad_grad_x + (real(-0.1) * (grad * t30) + -t27) * mean2 + real(-0.1) * (mean3 * (grad * t32))
        return t23, t33 + (t2 + t2) * mean5 + (mean6 + mean2 * mean7)

    @kernel
    def second(
        grad_grad_x_in, grad_in, x_in, mean0, mean2, mean1, mean3, mean4, mean5, mean6, mean7, out0,
        out1, vectors,
    ):
        v = cuda.grid(1)
        while v < vectors:
            out0_lanes, out1_lanes = each(second_at, (load(grad_grad_x_in, v), load(grad_in, v), load(x_in, v)), (mean0[0], mean2[0], mean1[0], mean3[0], mean4[0], mean5[0], mean6[0], mean7[0]))
            store(out0, v, out0_lanes)
            store(out1, v, out1_lanes)
            v += cuda.gridsize(1)
        i = width * vectors + cuda.grid(1)
        while i < grad_grad_x_in.size:
            out0_value, out1_value = second_at(read(grad_grad_x_in, i), read(grad_in, i), read(x_in, i), mean0[0], mean2[0], mean1[0], mean3[0], mean4[0], mean5[0], mean6[0], mean7[0])
            write(out0, i, out0_value)
            write(out1, i, out1_value)
            i += cuda.gridsize(1)

    return {
        "forward": [
            Pass(forward_0, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
            ]),
            Pass(forward_1, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
            ]),
            Pass(forward, 1, vectorised=True),
        ],
        "backward": [
            Pass(backward_0, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
            ]),
            Pass(backward_1, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
            ]),
            Pass(backward_2, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
                Fold("all", finish_add, mean=True),
            ]),
            Pass(backward, 1, vectorised=True),
        ],
        "second": [
            Pass(second_0, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
                Fold("all", finish_add, mean=True),
            ]),
            Pass(second_1, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
                Fold("all", finish_add, mean=True),
            ]),
            Pass(second_2, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
                Fold("all", finish_add, mean=True),
            ]),
            Pass(second_3, 0, vectorised=True, folds=[
                Fold("all", finish_add, mean=True),
                Fold("all", finish_add, mean=True),
            ]),
            Pass(second, 2, vectorised=True),
        ],
    }


_name = "turbulent_00ce5d59e88e357d_cuda"
_places = places(inputs=1, params=0)
_activation = differentiable(
    operator(_name + "_forward", "cuda", cuda_step(_kernels, "forward", 1, 1, 0), _places[0]),
    operator(_name + "_backward", "cuda", cuda_step(_kernels, "backward", 2, 1, 0), _places[1]),
    operator(_name + "_second", "cuda", cuda_step(_kernels, "second", 3, 2, 0), _places[2]),
    inputs=1,
)
_on_cuda = on_cuda(_activation)


def turbulent(x):
    """turbulent of tensors of one shape, differentiable twice in torch."""
    return _on_cuda(x)


class Turbulent(Layer):
    """turbulent as a module."""

    def _activate(self, *tensors: Tensor) -> Tensor:
        return turbulent(*tensors)
