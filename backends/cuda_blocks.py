"""Kernels for a GPU: how the threads of a grid go over a tensor.

A thread strides over the elements of a flat tensor. Reductions along the last axis give a row to a
block; those along other axes stride by a multiple of their number, so that a thread keeps to one of
them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from actdsl.backends import cuda_math
from actdsl.backends.cuda_plan import Launch, Reduction, launches
from actdsl.backends.emit import Dialect, Emitter, literal
from actdsl.backends.names import file_names, python_name
from actdsl.backends.schedule import Kernel
from actdsl.ir import Node, input, param


def _real(value: float) -> str:
    return f"real({literal(value)})"


DIALECT = Dialect("cuda", number=_real, argument=_real)
STEPS = {"mean": "add", "amin": "least", "amax": "greatest"}
"""The device function that folds two values, by the op table's row that spells it."""
STARTS = {"mean": _real(0.0), "amin": "real(math.inf)", "amax": "real(-math.inf)"}
"""Its neutral element."""

_PLACES = {"f": "i % features", "row": "i // features", "column": "i % (middle * features)"}
_INDEX = {"all": "0", "batch": "column", "feature": "row"}
_LONGEST_LINE = 92
EXTENTS = ("batch", "middle", "features")
_RESERVED = frozenset(
    {"i", "start", "lanes", "read", "write", "libdevice", *_PLACES, *EXTENTS, *STEPS.values()}
)


class Blocks:
    """Writes one kernel as a sequence of CUDA kernels."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._launches = launches(kernel)
        self._shaped = kernel.per_channel or any(n.attr != "all" for n in kernel.collectives)
        taken = file_names() | cuda_math.NAMES | _RESERVED
        self._names = {input(name): python_name(name, taken) for name in kernel.inputs}
        self._names |= {param(spec): python_name(spec.name, taken) for spec in kernel.params}
        self._prefix = "t"
        while any(name.startswith(self._prefix) for name in self._names.values()):
            self._prefix += "_"

    @property
    def operators(self) -> set[str]:
        """The op table's rows that its reductions fold with."""
        return {reduction.op for step in self._launches for reduction in step.reductions}

    def sources(self) -> list[str]:
        """The kernels, in the order of their launch."""
        return [self._source(step) for step in self._launches]

    def passes(self) -> list[str]:
        """The sequence as the runtime is told of it: lines, items of a Python list."""
        return [line for step in self._launches for line in self._pass(step)]

    def _pass(self, step: Launch) -> list[str]:
        head = f"Pass({step.name}, {len(step.written)}{', shaped=True' if self._shaped else ''}"
        if not step.reductions:
            return [f"{head}),"]
        folds = [
            f'    Fold("{r.over}", finish_{STEPS[r.op]}{", mean=True" if r.averaged else ""}),'
            for r in step.reductions
        ]
        return [f"{head}, folds=[", *folds, "]),"]

    def _source(self, step: Launch) -> str:
        arguments = [*(self._array(leaf) for leaf in self._names), *step.known.values()]
        arguments += [*step.written, *(r.into for r in step.reductions)]
        arguments += EXTENTS if self._shaped else ()
        scalars = [
            f"{self._names[leaf]} = {self._array(leaf)}[0]"
            for spec in self.kernel.params
            if (leaf := param(spec)) in step.used and not spec.per_channel
        ]
        body = self._rows(step) if step.in_rows else self._strides(step)
        head = _head(step.name, arguments)
        return "\n".join(["@kernel", *head, *_indented([*scalars, *body], 1)])

    def _array(self, leaf: Node) -> str:
        return f"{self._names[leaf]}_{'in' if leaf.op == 'input' else 'param'}"

    def _strides(self, step: Launch) -> list[str]:
        size = f"{self._array(input(self.kernel.inputs[0]))}.size"
        lines = [f"{_total(r)} = {STARTS[r.op]}" for r in step.reductions]
        if step.in_columns:
            parts = next(r.into for r in step.reductions if r.over != "all")
            lines += ["start = cuda.grid(1)", f"lanes = {parts}.size"]
            lines += [f"for i in range(start, {size} if start < lanes else 0, lanes):"]
        else:
            lines += [f"for i in range(cuda.grid(1), {size}, cuda.gridsize(1)):"]
        lines += _indented(self._element(step), 1)
        shared = [r for r in step.reductions if r.over == "all"]
        kept = [r for r in step.reductions if r.over != "all"]
        lines += _in_one_thread([(r, "cuda.blockIdx.x", _total(r)) for r in shared])
        lines += ["if start < lanes:"] if kept else []
        return lines + [f"    {r.into}[start] = {_total(r)}" for r in kept]

    def _rows(self, step: Launch) -> list[str]:
        lines = [f"{_total(r)} = {STARTS[r.op]}" for r in step.reductions]
        lines += ["for f in range(cuda.threadIdx.x, features, cuda.blockDim.x):"]
        lines += _indented(["i = row * features + f", *self._element(step, given=("row", "f"))], 1)
        lines += _in_one_thread(
            (r, "row", _total(r) + (" / real(features)" if r.averaged else ""))
            for r in step.reductions
        )
        head = "for row in range(cuda.blockIdx.x, batch * middle, cuda.gridDim.x):"
        return [head, *_indented(lines, 1)]

    def _element(self, step: Launch, given: Iterable[str] = ()) -> list[str]:
        """What is done at element i: loads, the computation, and where its values go."""
        loads = [
            f"{self._names[leaf]} = read({self._array(leaf)}, i)"
            for name in self.kernel.inputs
            if (leaf := input(name)) in step.used
        ]
        loads += [
            f"{self._names[leaf]} = {self._array(leaf)}[f]"
            for spec in self.kernel.params
            if (leaf := param(spec)) in step.used and spec.per_channel
        ]
        found = {n: _stored(n, array) for n, array in step.known.items()}
        for n in found:
            if n.op == "shift" and n in step.used:
                loads.append(f"{step.known[n]}_moved = {found[n]}")
                found[n] = f"{step.known[n]}_moved"
        emitter = Emitter(DIALECT, self._names | found, self._prefix)
        values = emitter.values(step.roots)
        lines = [*loads, *emitter.lines, *_stores(step, values)]
        used = set(re.findall(r"\w+", "\n".join(lines))).difference(given)
        return [*(f"{name} = {place}" for name, place in _PLACES.items() if name in used), *lines]


def _stored(found: Node, array: str) -> str:
    """What an earlier launch found, at the current element."""
    if found.op == "shift":
        assert isinstance(found.attr, int)
        moved = f"- {found.attr}" if found.attr >= 0 else f"+ {-found.attr}"
        return f"({array}[i {moved}] if 0 <= f {moved} < features else {_real(0.0)})"
    return f"{array}[{_INDEX[str(found.attr)] if found.op in STEPS else 'i'}]"


def _stores(step: Launch, values: Sequence[str]) -> list[str]:
    cut = len(step.written)
    named = {
        value: f"{reduction.into}_value"
        for reduction, value in zip(step.reductions, values[cut:], strict=True)
        if reduction.op != "mean" and not value.isidentifier()
    }
    lines = [f"{name} = {value}" for value, name in named.items()]
    operands = [named.get(value, value) for value in values]
    store = "write({}, i, {})" if step.last else "{}[i] = {}"
    lines += [store.format(array, v) for array, v in zip(step.written, operands[:cut], strict=True)]
    for reduction, operand in zip(step.reductions, operands[cut:], strict=True):
        whole = operand if re.fullmatch(r"\w+(\[\w+\])?", operand) else f"({operand})"
        folded = DIALECT.cell(reduction.op).format(_total(reduction), whole)
        lines.append(f"{_total(reduction)} = {folded}")
    return lines


def _in_one_thread(results: Iterable[tuple[Reduction, str, str]]) -> list[str]:
    """The block's threads fold their totals; one of them stores values at places."""
    folds, stores = [], []
    for reduction, place, value in results:
        total = _total(reduction)
        folds.append(f"{total} = block_{STEPS[reduction.op]}({total})")
        stores.append(f"    {reduction.into}[{place}] = {value}")
    return [*folds, "if cuda.threadIdx.x == 0:", *stores] if stores else []


def _total(reduction: Reduction) -> str:
    """The name of a thread's own share."""
    return f"{reduction.into}_total"


def _head(name: str, arguments: Sequence[str]) -> list[str]:
    """The line that opens a function, broken where it would be long."""
    line = f"def {name}({', '.join(arguments)}):"
    if len(line) <= _LONGEST_LINE:
        return [line]
    broken = textwrap.wrap(", ".join(arguments) + ",", _LONGEST_LINE)
    return [f"def {name}(", *_indented(broken, 1), "):"]


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
