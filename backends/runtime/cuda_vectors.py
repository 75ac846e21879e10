"""Vectors of 128 bits: what one thread reads, computes and writes at once.

A vector is a tuple of values of the working type, one for each of its lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actdsl.backends.runtime.cuda_device import (
    compilation,
    ir,
    lowered,
    types,
)

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
