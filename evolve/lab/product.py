"""Small matrix products in machine code, block by block in registers.

The layers of the lab's networks are so small that calling a BLAS costs more than their work. Here a
block of four rows and two vectors of columns of the result stays in registers while it is summed;
what is left at the edges goes row by row, vector by vector, column by column.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic

cgutils: Any = _cgutils  # untyped

_ROWS = 4  # with two vectors of columns, as many sums as hide the latency of a multiplier


@njit
def product(a: Any, b: Any, start: Any, c: Any) -> None:
    """``c = start + a @ b``: matrices (m, k), (k, n), (m, n) and a vector added to every row.

    ``b``, ``start`` and ``c`` are C-contiguous; ``a`` may be any view, such as a transpose.
    """
    rows, columns = c.shape
    lanes = _VECTOR_BYTES // c.itemsize
    pairs, vectors = columns - columns % (2 * lanes), columns - columns % lanes
    blocks = rows - rows % _ROWS
    for i in range(0, blocks, _ROWS):
        for j in range(0, pairs, 2 * lanes):
            _block(a, b, start, c, i, j)
    for i in range(rows):
        for j in range(0 if i >= blocks else pairs, pairs, 2 * lanes):
            _pair(a, b, start, c, i, j)
        for j in range(pairs, vectors, lanes):
            _vector(a, b, start, c, i, j)
        for j in range(vectors, columns):
            _column(a, b, start, c, i, j)


def _vector_bytes() -> int:
    """The widest vectors of this processor."""
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx") else 16


_VECTOR_BYTES = _vector_bytes()


def _part(rows: int, vectors: int) -> Any:
    """The code of ``rows`` rows and ``vectors`` vectors of columns; without vectors, one column.

    A function of the arrays of :func:`product`, the part's first row and its first column.
    """

    @intrinsic
    def part(typing: Any, a: Any, b: Any, start: Any, c: Any, i: Any, j: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            arrays = [
                context.make_array(of)(context, builder, value)
                for of, value in zip(signature.args[:4], arguments[:4], strict=True)
            ]
            depth = builder.extract_value(arrays[0].shape, 1)

            def pointer(which: int, *place: Any) -> Any:
                of = signature.args[which]
                return cgutils.get_item_pointer(context, builder, of, arrays[which], list(place))

            _sum(builder, c.dtype, rows, vectors, depth, pointer, *arguments[4:])
            return context.get_dummy_value()

        return types.void(a, b, start, c, types.intp, types.intp), generate

    return part


def _sum(
    builder: Any, dtype: Any, rows: int, vectors: int, depth: Any, pointer: Any, i: Any, j: Any
) -> None:
    """``pointer(which, *place)`` leads to an element of the first to fourth array."""
    scalar = ir.FloatType() if dtype is types.float32 else ir.DoubleType()
    align = dtype.bitwidth // 8
    lanes = _VECTOR_BYTES // align if vectors else 1
    kind = ir.VectorType(scalar, lanes) if vectors else scalar
    name = f"llvm.fmuladd.{f'v{lanes}' if vectors else ''}f{dtype.bitwidth}"
    signature = ir.FunctionType(kind, [kind] * 3)
    fused = cgutils.get_or_insert_function(builder.module, signature, name)
    down = [builder.add(i, i.type(r)) for r in range(rows)]
    across = [builder.add(j, j.type(v * lanes)) for v in range(max(vectors, 1))]

    def vector(*place: Any) -> Any:
        return builder.bitcast(pointer(*place), kind.as_pointer())

    def spread(number: Any) -> Any:
        """In every lane."""
        if not vectors:
            return number
        alone = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
        return builder.shuffle_vector(alone, alone, zeros)

    sums = [[cgutils.alloca_once(builder, kind) for _ in across] for _ in down]
    for k, column in enumerate(across):
        first = builder.load(vector(2, column), align=align)
        for row in sums:
            builder.store(first, row[k])
    with cgutils.for_range(builder, depth) as loop:
        right = [builder.load(vector(1, loop.index, column), align=align) for column in across]
        for r, row in enumerate(sums):
            left = spread(builder.load(pointer(0, down[r], loop.index)))
            for total, factor in zip(row, right, strict=True):
                builder.store(builder.call(fused, [left, factor, builder.load(total)]), total)
    for r, row in enumerate(sums):
        for column, total in zip(across, row, strict=True):
            builder.store(builder.load(total), vector(3, down[r], column), align=align)


_block = _part(_ROWS, 2)
_pair, _vector, _column = (_part(1, vectors) for vectors in (2, 1, 0))
