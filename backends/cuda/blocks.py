"""Kernels for a GPU: how the threads of a grid go over a tensor.

Where an element's place means nothing, a thread strides over the vectors of a flat tensor
(``vectors.py``). Else it strides over elements; reductions along the last axis give a row to a
block; those along other axes stride by a multiple of their number, so that a thread keeps to one of
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from actdsl.backends.cuda import vectors
from actdsl.backends.cuda.dialect import (
    DIALECT,
    EXTENTS,
    PLACES,
    STARTS,
    STEPS,
    Leaves,
    head,
    indented,
    real,
)
from actdsl.backends.cuda.plan import Launch, Reduction, launches
from actdsl.backends.cuda.vectors import share
from actdsl.backends.emit import Emitter
from actdsl.backends.schedule import Kernel
from actdsl.ir import Node

_INDEX = {"all": "0", "batch": "column", "feature": "row"}


class Blocks:
    """Writes one kernel as a sequence of CUDA kernels."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._launches = launches(kernel)
        self._leaves = Leaves(kernel, self._launches)

    @property
    def operators(self) -> set[str]:
        """The op table's rows that its reductions fold with."""
        return {reduction.op for step in self._launches for reduction in step.reductions}

    def sources(self) -> list[str]:
        """The kernels, in the order of their launch, each after the function of its elements."""
        texts = []
        for step in self._launches:
            if self._vectorised(step):
                texts.append(vectors.element_source(step, self._leaves))
            texts.append(self._source(step))
        return texts

    def passes(self) -> list[str]:
        """The sequence as the runtime is told of it: lines, items of a Python list."""
        return [line for step in self._launches for line in self._pass(step)]

    def _pass(self, step: Launch) -> list[str]:
        form = ", shaped=True" if self.kernel.shaped else ""
        form = ", vectorised=True" if self._vectorised(step) else form
        opening = f"Pass({step.name}, {len(step.written)}{form}"
        if not step.reductions:
            return [f"{opening}),"]
        folds = [
            f'    Fold("{r.over}", finish_{STEPS[r.op]}{", mean=True" if r.averaged else ""}),'
            for r in step.reductions
        ]
        return [f"{opening}, folds=[", *folds, "]),"]

    def _vectorised(self, step: Launch) -> bool:
        return not self.kernel.shaped and vectors.vectorisable(step)

    def _source(self, step: Launch) -> str:
        arguments = [*(self._leaves.array(leaf) for leaf in self._leaves.names)]
        arguments += [*step.known.values(), *step.written, *(r.into for r in step.reductions)]
        arguments += EXTENTS if self.kernel.shaped else ()
        if self._vectorised(step):
            arguments.append("vectors")
            body = vectors.body(step, self._leaves) + self._ending(step)
        else:
            body = self._rows(step) if step.in_rows else self._strides(step)
        body = [*self._leaves.scalars(step), *body]
        return "\n".join(["@kernel", *head(step.name, arguments), *indented(body, 1)])

    def _strides(self, step: Launch) -> list[str]:
        size = f"{self._leaves.array(self._leaves.first)}.size"
        lines = [f"{share(r)} = {STARTS[r.op]}" for r in step.reductions]
        if step.in_columns:
            parts = next(r.into for r in step.reductions if r.over != "all")
            lines += ["start = cuda.grid(1)", f"lanes = {parts}.size"]
            lines += [f"for i in range(start, {size} if start < lanes else 0, lanes):"]
        else:
            lines += [f"for i in range(cuda.grid(1), {size}, cuda.gridsize(1)):"]
        lines += indented(element(step, self._leaves), 1)
        return lines + self._ending(step)

    def _ending(self, step: Launch) -> list[str]:
        """Threads leave what they have folded: a part for each block, or one for each of them."""
        shared = [r for r in step.reductions if r.over == "all"]
        kept = [r for r in step.reductions if r.over != "all"]
        lines = _in_one_thread([(r, "cuda.blockIdx.x", share(r)) for r in shared])
        lines += ["if start < lanes:"] if kept else []
        return lines + [f"    {r.into}[start] = {share(r)}" for r in kept]

    def _rows(self, step: Launch) -> list[str]:
        lines = [f"{share(r)} = {STARTS[r.op]}" for r in step.reductions]
        lines += ["for f in range(cuda.threadIdx.x, features, cuda.blockDim.x):"]
        values = element(step, self._leaves, given=("row", "f"))
        lines += indented(["i = row * features + f", *values], 1)
        lines += _in_one_thread(
            (r, "row", share(r) + (" / real(features)" if r.averaged else ""))
            for r in step.reductions
        )
        head = "for row in range(cuda.blockIdx.x, batch * middle, cuda.gridDim.x):"
        return [head, *indented(lines, 1)]


def element(step: Launch, leaves: Leaves, given: Iterable[str] = ()) -> list[str]:
    """What is done at element i: loads, the computation, and where its values go.

    ``given`` names what is known of the element's place already.
    """
    names, array = leaves.names, leaves.array
    loads = [f"{names[leaf]} = read({array(leaf)}, i)" for leaf in leaves.inputs(step)]
    channels = leaves.params(step, per_channel=True)
    loads += [f"{names[leaf]} = {array(leaf)}[f]" for leaf in channels]
    found = {n: _stored(n, array) for n, array in step.known.items()}
    for n in found:
        if n.op == "shift" and n in step.used:
            loads.append(f"{step.known[n]}_moved = {found[n]}")
            found[n] = f"{step.known[n]}_moved"
    emitter = Emitter(DIALECT, names | found, leaves.prefix)
    values = emitter.values(step.roots)
    lines = [*loads, *emitter.lines, *_stores(step, values)]
    used = set(re.findall(r"\w+", "\n".join(lines))).difference(given)
    return [*(f"{name} = {place}" for name, place in PLACES.items() if name in used), *lines]


def _stored(found: Node, array: str) -> str:
    """What an earlier launch found, at the current element."""
    if found.op == "shift":
        assert isinstance(found.attr, int)
        moved = f"- {found.attr}" if found.attr >= 0 else f"+ {-found.attr}"
        return f"({array}[i {moved}] if 0 <= f {moved} < features else {real(0.0)})"
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
        folded = DIALECT.cell(reduction.op).format(share(reduction), whole)
        lines.append(f"{share(reduction)} = {folded}")
    return lines


def _in_one_thread(results: Iterable[tuple[Reduction, str, str]]) -> list[str]:
    """The block's threads fold their totals; one of them stores values at places."""
    folds, stores = [], []
    for reduction, place, value in results:
        total = share(reduction)
        folds.append(f"{total} = block_{STEPS[reduction.op]}({total})")
        stores.append(f"    {reduction.into}[{place}] = {value}")
    return [*folds, "if cuda.threadIdx.x == 0:", *stores] if stores else []
