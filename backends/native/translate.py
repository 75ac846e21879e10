"""The subset of Python that kernels are written in, compiled to LLVM.

The text that this package generates for Numba, and the vector mathematics it calls, use only this:
assignments, ``for`` over ranges, elements of flat arrays, arithmetic, comparisons, conditional
expressions and calls. Types are evident (float64, float32, int64, int32, bool), so one pass over the
syntax tree is enough: a few milliseconds, where a compiler for all of Python needs hundreds.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from llvmlite import ir

from actdsl.backends.native import machine
from actdsl.backends.native.loops import Loop
from actdsl.backends.native.machine import INTEGER, KINDS, REAL
from actdsl.backends.native.memory import Array

Library = Callable[[str], ast.FunctionDef]
"""Finds the definition of a function that a text calls."""

_BYTES = 8


class Unit:
    """One LLVM module, and the functions of the library that it has taken in."""

    def __init__(self, library: Library) -> None:
        self.module = ir.Module("actdsl")
        self._library = library
        self._taken: dict[str, ir.Function] = {}

    def function(self, name: str) -> ir.Function:
        """A function of the library; translated when it is first called, and always inlined."""
        if name not in self._taken:
            tree = self._library(name)
            assert tree.returns is not None
            kinds = [_kind(arg.annotation) for arg in tree.args.args]
            made = ir.Function(
                self.module, ir.FunctionType(_kind(tree.returns), kinds), f"actdsl_{name}"
            )
            made.linkage = "internal"
            made.attributes.add("alwaysinline")
            names = {a.arg: v for a, v in zip(tree.args.args, made.args, strict=True)}
            Body(self, made, names).run(tree.body)
            self._taken[name] = made
        return self._taken[name]


class Body:
    """Translates the statements of one function."""

    def __init__(
        self, unit: Unit, function: ir.Function, names: Mapping[str, ir.Value | Array]
    ) -> None:
        """``names``: what the text's names stand for at its start."""
        self.builder = ir.IRBuilder(function.append_basic_block())
        self._unit = unit
        self._names: dict[str, ir.Value | Array] = dict(names)
        self._slots: dict[str, ir.Value] = {}
        self._changing: frozenset[str] = frozenset()
        self._heap: list[ir.Value] = []
        self._loops: list[Loop] = []

    def run(self, statements: Sequence[ast.stmt]) -> None:
        """Translate the function's whole body."""
        if any(isinstance(s, ast.For) for s in statements):
            # Only where control can come back does a name that changes need a place in memory.
            assigned = Counter(name for s in statements for name in _assigned(s))
            self._changing = frozenset(name for name, times in assigned.items() if times > 1)
        self._statements(statements)
        if not self.builder.block.is_terminated:
            for pointer in self._heap:
                self.builder.call(self._declared("free", ir.VoidType(), pointer.type), [pointer])
            self.builder.ret_void()

    def _statements(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign([ast.Name(name)], value):
                self._assign(name, self._allocated(name, value) or self.value(value))
            case ast.Assign([ast.Tuple(elts)], value):
                parts = self.value(value)
                for k, element in enumerate(elts):
                    assert isinstance(element, ast.Name)
                    self._assign(element.id, self.builder.extract_value(parts, k))
            case ast.Assign([ast.Subscript() as place], value):
                self._store(place, self.value(value))
            case ast.AugAssign(ast.Name(name), op, value):
                held = self.value(ast.Name(name))
                self._assign(name, machine.arithmetic(self.builder, op, held, self.value(value)))
            case ast.AugAssign(ast.Subscript() as place, op, value):
                held = self.value(place)
                self._store(place, machine.arithmetic(self.builder, op, held, self.value(value)))
            case ast.For(ast.Name(name), ast.Call(ast.Name("range"), bounds), body):
                self._loop(name, [self.value(bound) for bound in bounds], body)
            case ast.Return(ast.Tuple(elts)):
                self.builder.ret(self._tuple([self.value(e) for e in elts]))
            case ast.Return(value) if value is not None:
                self.builder.ret(self.value(value))
            case ast.Expr(ast.Constant(str())):
                pass
            case _:
                raise NotImplementedError(ast.unparse(statement))

    def value(self, expression: ast.expr) -> ir.Value:
        """An expression's value."""
        match expression:
            case ast.Constant(bool() | int() | float() as number):
                return machine.constant(number)
            case ast.Name(name):
                if name in self._slots:
                    return self.builder.load(self._slots[name])
                return self._names[name]
            case ast.Attribute(ast.Name("math"), "inf" | "nan" as name):
                return ir.Constant(REAL, float(name))
            case ast.UnaryOp(ast.USub(), operand):
                return machine.negative(self.builder, self.value(operand))
            case ast.UnaryOp(ast.Not(), operand):
                return self.builder.not_(self.value(operand))
            case ast.BinOp(left, op, right):
                return machine.arithmetic(self.builder, op, self.value(left), self.value(right))
            case ast.BoolOp(op, values):
                joined = self.builder.and_ if isinstance(op, ast.And) else self.builder.or_
                result, *others = (self.value(v) for v in values)
                for other in others:
                    result = joined(result, other)
                return result
            case ast.Compare(left, ops, comparators):
                return self._comparison(ops, [self.value(e) for e in (left, *comparators)])
            case ast.IfExp(test, body, orelse):
                return self._choice(self.value(test), body, orelse)
            case ast.Subscript(ast.Name(name), index):
                value, read = self._array(name).load(self.builder, self.value(index))
                self._touched(read)
                return value
            case ast.Call(function, args):
                return self._call(ast.unparse(function), [self.value(arg) for arg in args])
        raise NotImplementedError(ast.unparse(expression))

    def _comparison(self, ops: Sequence[ast.cmpop], values: Sequence[ir.Value]) -> ir.Value:
        pairs = zip(ops, values, values[1:], strict=False)
        result, *others = (machine.compare(self.builder, op, a, b) for op, a, b in pairs)
        for other in others:
            result = self.builder.and_(result, other)
        return result

    def _choice(self, test: ir.Value, body: ast.expr, orelse: ast.expr) -> ir.Value:
        """A choice: both sides and a select, unless a side reads memory that may not be there."""
        if not any(isinstance(n, ast.Subscript) for e in (body, orelse) for n in ast.walk(e)):
            a, b = machine.alike(self.builder, [self.value(body), self.value(orelse)])
            return self.builder.select(test, a, b)
        result = self._slot(REAL)
        with self.builder.if_else(test) as (then, otherwise):
            with then:
                self.builder.store(self._as_real(body), result)
            with otherwise:
                self.builder.store(self._as_real(orelse), result)
        return self.builder.load(result)

    def _as_real(self, expression: ast.expr) -> ir.Value:
        return machine.as_kind(self.builder, self.value(expression), REAL)

    def _call(self, name: str, args: list[ir.Value]) -> ir.Value:
        if operation := machine.operation(name):
            return operation(self.builder, args)
        function = self._unit.function(name)
        kinds = function.function_type.args
        given = [machine.as_kind(self.builder, a, k) for a, k in zip(args, kinds, strict=True)]
        return self.builder.call(function, given)

    def _tuple(self, values: Sequence[ir.Value]) -> ir.Value:
        result = ir.Constant(ir.LiteralStructType([v.type for v in values]), ir.Undefined)
        for k, value in enumerate(values):
            result = self.builder.insert_value(result, value, k)
        return result

    # Names and memory

    def _assign(self, name: str, value: ir.Value | Array) -> None:
        if name not in self._changing or isinstance(value, Array):
            self._names[name] = value
            return
        if name not in self._slots or self._slots[name].type.pointee != value.type:
            self._slots[name] = self._slot(value.type)
        self.builder.store(value, self._slots[name])

    def _slot(self, kind: ir.Type) -> ir.Value:
        with self.builder.goto_entry_block():
            return self.builder.alloca(kind)

    def _array(self, name: str) -> Array:
        found = self._names[name]
        assert isinstance(found, Array)
        return found

    def _store(self, place: ast.Subscript, value: ir.Value) -> None:
        assert isinstance(place.value, ast.Name)
        array = self._array(place.value.id)
        written = array.store(self.builder, self.value(place.slice), value)
        self._touched(written)

    def _allocated(self, name: str, value: ast.expr) -> Array | None:
        """A new array of float64, where the value is ``np.full`` or ``np.empty``."""
        match value:
            case ast.Call(ast.Attribute(ast.Name("np"), "full"), [size, start]):
                fill: ast.expr | None = start
            case ast.Call(ast.Attribute(ast.Name("np"), "empty"), [size]):
                fill = None
            case _:
                return None
        if isinstance(size, ast.Constant):
            with self.builder.goto_entry_block():
                array = Array(self.builder.alloca(REAL, size.value), "float64")
        else:
            octets = ir.PointerType(ir.IntType(8))
            claimed = self.builder.call(
                self._declared("malloc", octets, INTEGER),
                [self.builder.mul(self.value(size), ir.Constant(INTEGER, _BYTES))],
            )
            self._heap.append(claimed)
            array = Array(self.builder.bitcast(claimed, REAL.as_pointer()), "float64")
        if fill is not None:
            self._names[name] = array
            target = ast.Subscript(ast.Name(name), ast.Name("k"))
            self._loop("k", [self.value(size)], [ast.Assign([target], fill)])
        return array

    def _declared(self, name: str, result: ir.Type, *kinds: ir.Type) -> ir.Function:
        known = self._unit.module.globals
        if name not in known:
            ir.Function(self._unit.module, ir.FunctionType(result, kinds), name)
        return known[name]

    # Loops

    def _loop(self, name: str, bounds: list[ir.Value], body: Sequence[ast.stmt]) -> None:
        """``for name in range(*bounds)``, tested before the first round and after each."""
        zero, one = ir.Constant(INTEGER, 0), ir.Constant(INTEGER, 1)
        start, stop, step = (zero, *bounds, one) if len(bounds) == 1 else (*bounds, one)[:3]
        before = self.builder.block
        inside, after = (self.builder.append_basic_block() for _ in range(2))
        self.builder.cbranch(self.builder.icmp_signed("<", start, stop), inside, after)
        self.builder.position_at_end(inside)
        index = self.builder.phi(INTEGER)
        index.add_incoming(start, before)
        self._slots.pop(name, None)
        self._names[name] = index
        with self._inside(Loop(name, body)) as loop:
            self._statements(body)
        following = self.builder.add(index, step, flags=("nsw",))
        index.add_incoming(following, self.builder.block)
        again = self.builder.icmp_signed("<", following, stop)
        loop.close(self._unit.module, self.builder.cbranch(again, inside, after))
        self.builder.position_at_end(after)

    @contextmanager
    def _inside(self, loop: Loop) -> Iterator[Loop]:
        self._loops.append(loop)
        yield loop
        self._loops.pop()

    def _touched(self, instruction: ir.Instruction) -> None:
        if self._loops:
            self._loops[-1].touched.append(instruction)


def _assigned(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement assigns, as often as it does; an augmented one changes at once."""
    for node in ast.walk(statement):
        match node:
            case ast.Assign([ast.Name(name)]):
                yield name
            case ast.AugAssign(ast.Name(name)):
                yield from (name, name)


def _kind(annotation: ast.expr | None) -> ir.Type:
    match annotation:
        case ast.Name(name):
            return KINDS[name]
        case ast.Subscript(ast.Name("tuple"), ast.Tuple(elts)):
            return ir.LiteralStructType([_kind(e) for e in elts])
    raise NotImplementedError(f"a function of the subset says its types: {annotation}")
