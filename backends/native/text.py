"""A kernel as LLVM text: the generated loops, translated, behind a plain C signature.

A kernel that only maps elements takes rows that may lie apart in memory:
``(rows, size, stride..., pointer...)`` with a stride, in elements, for each input and each output.
Any other takes contiguous arrays: ``(extent..., pointer...)``. Pointers are in the order of the
generated function's arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache

from llvmlite import ir

from actdsl.backends import vecmath
from actdsl.backends.loops import Loops
from actdsl.backends.native.arithmetic import FUNCTIONS, spelled
from actdsl.backends.native.code import ENTRY
from actdsl.backends.native.loops import text_of
from actdsl.backends.native.machine import INTEGER
from actdsl.backends.native.memory import STORED, Array
from actdsl.backends.native.translate import Body, Unit
from actdsl.backends.schedule import Kernel


def llvm_text(kernel: Kernel, dtype: str) -> str:
    """The module, for arrays of ``float16``, ``bfloat16``, ``float32`` or ``float64``."""
    unit = Unit(_definition)
    loops = loops_of(kernel, dtype)
    statements = ast.parse("\n".join(loops.lines())).body
    types = _element_types(loops, dtype)
    name = "actdsl_row" if kernel.maps else ENTRY
    body = _function(unit, [INTEGER] * len(loops.extents), types, name)
    _run(unit, body, loops, types, statements)
    if kernel.maps:
        body.linkage = "internal"
        body.attributes.add("alwaysinline")
        _entry_by_rows(unit, body, loops, types)
    return text_of(unit.module)


def loops_of(kernel: Kernel, dtype: str) -> Loops:
    """The loops that are translated, in the arithmetic chosen for them."""
    return Loops(*spelled(kernel, dtype), reserved=FUNCTIONS)


def _element_types(loops: Loops, dtype: str) -> list[str]:
    operands = [dtype] * (len(loops.inputs) + len(loops.params))
    known, found = (["float64"] * len(held) for held in (loops.known, loops.found))
    sums = ["float64"] * len(loops.sums)
    return [*operands, *known, *[dtype] * len(loops.outputs), *sums, *found]


def _function(
    unit: Unit, numbers: Sequence[ir.Type], types: Sequence[str], name: str
) -> ir.Function:
    pointers = [ir.PointerType(STORED[dtype]) for dtype in types]
    return ir.Function(unit.module, ir.FunctionType(ir.VoidType(), [*numbers, *pointers]), name)


def _run(
    unit: Unit,
    function: ir.Function,
    loops: Loops,
    types: Sequence[str],
    statements: Sequence[ast.stmt],
) -> None:
    cut = len(loops.extents)
    names: dict[str, ir.Value | Array] = dict(zip(loops.extents, function.args, strict=False))
    arrays = zip(loops.arguments, function.args[cut:], types, strict=False)
    names |= {name: Array(pointer, dtype) for name, pointer, dtype in arrays}
    Body(unit, function, names).run(statements)


def _entry_by_rows(unit: Unit, body: ir.Function, loops: Loops, types: Sequence[str]) -> None:
    """The entry that goes over rows and gives each to the body."""
    inputs, params = len(loops.inputs), len(loops.params)
    moving = [*range(inputs), *range(inputs + params, len(types))]
    entry = _function(unit, [INTEGER] * (2 + len(moving)), types, ENTRY)
    rows, size, *others = entry.args
    strides = dict(zip(moving, others, strict=False))
    pointers = others[len(moving) :]
    builder = ir.IRBuilder(entry.append_basic_block())
    before = builder.block
    inside, after = (builder.append_basic_block() for _ in range(2))
    builder.cbranch(builder.icmp_signed(">", rows, INTEGER(0)), inside, after)
    builder.position_at_end(inside)
    row = builder.phi(INTEGER)
    row.add_incoming(INTEGER(0), before)
    at_row = [
        builder.gep(pointer, [builder.mul(row, strides[k])]) if k in strides else pointer
        for k, pointer in enumerate(pointers)
    ]
    builder.call(body, [size, *at_row])
    following = builder.add(row, INTEGER(1), flags=("nsw",))
    row.add_incoming(following, inside)
    builder.cbranch(builder.icmp_signed("<", following, rows), inside, after)
    builder.position_at_end(after)
    builder.ret_void()


@cache
def _definition(name: str) -> ast.FunctionDef:
    """A function of the vector mathematics as a syntax tree."""
    (tree,) = ast.parse(vecmath.definition(name)).body
    assert isinstance(tree, ast.FunctionDef)
    return tree
