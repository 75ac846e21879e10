"""Arrays in memory: how an element of some type becomes a number to compute with, and back."""

from __future__ import annotations

from dataclasses import dataclass

from llvmlite import ir

from actdsl.backends.native.machine import REAL, SINGLE, WORD, as_kind

_HALF, _SHORT = ir.HalfType(), ir.IntType(16)

STORED = {"float64": REAL, "float32": SINGLE, "float16": _HALF, "bfloat16": _SHORT}
"""The LLVM type of an array's elements, by the name of their type; bfloat16 as its bits."""


@dataclass(frozen=True)
class Array:
    """A contiguous array: a pointer to its first element, and the name of the elements' type."""

    pointer: ir.Value
    dtype: str

    def load(self, builder: ir.IRBuilder, place: ir.Value) -> tuple[ir.Value, ir.Instruction]:
        """The element at a place, a half as a float32, and the instruction that reads it."""
        read = builder.load(builder.gep(self.pointer, [place], inbounds=True))
        return _widened(builder, read, self.dtype), read

    def store(self, builder: ir.IRBuilder, place: ir.Value, value: ir.Value) -> ir.Instruction:
        """Round a number to the array's type, ties to even, and write it to a place."""
        narrow = _narrowed(builder, value, self.dtype)
        return builder.store(narrow, builder.gep(self.pointer, [place], inbounds=True))


def _widened(builder: ir.IRBuilder, value: ir.Value, dtype: str) -> ir.Value:
    if dtype == "bfloat16":
        bits = builder.shl(builder.zext(value, WORD), ir.Constant(WORD, 16))
        return builder.bitcast(bits, SINGLE)
    return builder.fpext(value, SINGLE) if dtype == "float16" else value


def _narrowed(builder: ir.IRBuilder, value: ir.Value, dtype: str) -> ir.Value:
    if dtype == "float64":
        return as_kind(builder, value, REAL)
    # Halves by way of float32, from which processors convert in one instruction.
    single = as_kind(builder, value, SINGLE)
    if dtype == "float16":
        return builder.fptrunc(single, _HALF)
    return _upper_half(builder, single) if dtype == "bfloat16" else single


def _upper_half(builder: ir.IRBuilder, single: ir.Value) -> ir.Value:
    """A float32 rounded to bfloat16, as bits; NaN stays NaN."""
    bits = builder.bitcast(single, WORD)
    odd = builder.and_(builder.lshr(bits, ir.Constant(WORD, 16)), ir.Constant(WORD, 1))
    rounded = builder.add(bits, builder.add(odd, ir.Constant(WORD, 0x7FFF)))
    nan = builder.fcmp_unordered("uno", single, single)
    chosen = builder.select(nan, ir.Constant(WORD, 0x7FC00000), rounded)
    return builder.trunc(builder.lshr(chosen, ir.Constant(WORD, 16)), _SHORT)
