"""One kernel for a population: many activations, each of its own members' matrices.

A member is a matrix of pre-activations, (rows, features), and parameters. A block of threads works
for one member and picks the activation by the member's kind, so no two threads of a block go
different ways. Statistics and sums are of the member alone: the block finds them itself, one launch
of the plan after the other, each a section of its code with a barrier behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from actdsl.backends.bundle import joined
from actdsl.backends.cuda import vectors
from actdsl.backends.cuda.blocks import element
from actdsl.backends.cuda.dialect import EXTENTS, STARTS, STEPS, Leaves, head, indented
from actdsl.backends.cuda.plan import Launch, Reduction, launches
from actdsl.backends.cuda.vectors import share
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.backends.targets.cuda import DEVICE, IMPORTS, factory_of, step_source
from actdsl.program import Program

_THREAD, _THREADS = "cuda.threadIdx.x", "cuda.blockDim.x"
_NAMES = ("forward", "backward")
_SHAPE = (*EXTENTS, "vectors")
_DIVISORS = {"all": "batch * features", "batch": "batch", "feature": "features"}
"""Over how many elements a member's mean goes: its tensor has no middle axes."""
_DECORATOR = """\
def part(function):
    \"\"\"What a kernel does for one kind of member.\"\"\"
    return inlined(function, types.void)"""


def source(programs: Sequence[Program]) -> str:
    """The text of a file with the kernels ``forward`` and ``backward`` of programs of one input.

    A kernel takes each member's kind, which is the index of its program; then arrays with a row a
    member: parameters, where their gradients go, and room for what it finds on its way; then the
    extents of a matrix and the number of its whole vectors; at last, again with a row a member,
    what it reads and what it writes.
    """
    plans = [Schedule(program) for program in programs]
    kernels = [[plan.forward for plan in plans], [plan.backward for plan in plans]]
    parts = [[_Part(k, number) for number, k in enumerate(alike)] for alike in kernels]
    operators = sorted(set().union(*(part.operators for alike in parts for part in alike)))
    folds = [f"{step_source(op)}\n\nfold_{STEPS[op]} = folding_in({STEPS[op]})" for op in operators]
    texts = [text for alike in parts for part in alike for text in part.sources()]
    choices = [_choice(name, alike) for name, alike in zip(_NAMES, parts, strict=True)]
    entries = [f'    "{name}": {name},' for name in _NAMES]
    generated = factory_of([*folds, *texts, *choices], entries)
    return joined(IMPORTS, DEVICE, f"{_DECORATOR}\n\n\n{generated}")


@cache
def room(program: Program) -> int:
    """How many matrices a member's kernels need for what they find on their way."""
    plan = Schedule(program)
    return max(_Part(kernel, 0).slots for kernel in (plan.forward, plan.backward))


class _Part:
    """One program's share of a kernel, as a function of one member's arrays."""

    def __init__(self, kernel: Kernel, number: int) -> None:
        self._kernel = replace(kernel, name=f"{kernel.name}{number}")
        self._launches = launches(self._kernel)
        self._leaves = Leaves(self._kernel, self._launches)
        self._found = [
            name
            for step in self._launches
            if not step.last
            for name in (*step.written, *(r.into for r in step.reductions))
        ]

    @property
    def name(self) -> str:
        return self._kernel.name

    @property
    def slots(self) -> int:
        return len(self._found)

    @property
    def operators(self) -> set[str]:
        return {reduction.op for step in self._launches for reduction in step.reductions}

    def sources(self) -> Iterator[str]:
        for step in self._launches:
            if self._vectorised(step):
                yield vectors.element_source(step, self._leaves)
        arrays = [f"{self._leaves.names[leaf]}_in" for leaf in self._leaves.all_inputs]
        written = [f"out{k}" for k in range(len(self._kernel.outputs))]
        arguments = ["shared", "params", "sums", "scratch", *_SHAPE, *arrays, *written]
        body = [*self._places(), *(line for s in self._launches for line in self._section(s))]
        yield "\n".join(["@part", *head(self.name, arguments), *indented(body, 1)])

    def _places(self) -> Iterator[str]:
        """Where in its rows a member's parameters, their gradients and its findings are."""
        names = [self._leaves.array(leaf) for leaf in self._leaves.all_params]
        for array, start in zip(names, _starts(self._kernel), strict=True):
            yield f"{array} = params[{start}:]"
        for k, start in enumerate(_starts(self._kernel)[: len(self._kernel.sums)]):
            yield f"sum{k} = sums[{start}:]"
        for slot, array in enumerate(self._found):
            yield f"{array} = scratch[{slot}]"

    def _vectorised(self, step: Launch) -> bool:
        return not self._kernel.shaped and vectors.vectorisable(step)

    def _section(self, step: Launch) -> list[str]:
        lines = self._leaves.scalars(step)
        if step.in_rows:
            lines += self._rows(step)
        elif step.in_columns:
            lines += self._columns(step)
        elif self._vectorised(step):
            lines += vectors.body(step, self._leaves, _THREAD, _THREADS)
        else:
            lines += _begun(step.reductions)
            lines += [f"for i in range({_THREAD}, batch * features, {_THREADS}):"]
            lines += indented(element(step, self._leaves), 1)
        lines += _together(r for r in step.reductions if r.over == "all")
        return lines if step.last else [*lines, "cuda.syncthreads()"]

    def _columns(self, step: Launch) -> list[str]:
        """A thread takes a column, so that a warp reads what lies side by side."""
        own = [r for r in step.reductions if r.over != "all"]
        inner = ["for i in range(f, batch * features, features):"]
        inner += indented(element(step, self._leaves, given=("f",)), 1)
        body = [*_begun(own), *inner, *_alone(own, "f")]
        shared = _begun(r for r in step.reductions if r.over == "all")
        return [*shared, f"for f in range({_THREAD}, features, {_THREADS}):", *indented(body, 1)]

    def _rows(self, step: Launch) -> list[str]:
        """A thread takes a row."""
        values = element(step, self._leaves, given=("row", "f"))
        inner = ["for f in range(features):", *indented(["i = row * features + f", *values], 1)]
        body = [*_begun(step.reductions), *inner, *_alone(step.reductions, "row")]
        return [f"for row in range({_THREAD}, batch, {_THREADS}):", *indented(body, 1)]


def _starts(kernel: Kernel) -> list[str]:
    """Where each parameter begins in a vector of all of them."""
    starts = []
    for k in range(len(kernel.params)):
        each = [p.per_channel for p in kernel.params[:k]]
        starts.append(f"{each.count(False)} + {each.count(True)} * features")
    return starts


def _begun(reductions: Iterable[Reduction]) -> list[str]:
    return [f"{share(r)} = {STARTS[r.op]}" for r in reductions]


def _result(reduction: Reduction) -> str:
    divisor = f" / real({_DIVISORS[reduction.over]})" if reduction.averaged else ""
    return share(reduction) + divisor


def _alone(reductions: Iterable[Reduction], place: str) -> list[str]:
    """Results that one thread has found."""
    return [f"{r.into}[{place}] = {_result(r)}" for r in reductions]


def _together(reductions: Iterable[Reduction]) -> list[str]:
    """Results that all threads of a block have a share in."""
    folds, stores = [], []
    for r in reductions:
        folds.append(f"{share(r)} = fold_{STEPS[r.op]}(shared, {share(r)})")
        stores.append(f"    {r.into}[0] = {_result(r)}")
    return [*folds, f"if {_THREAD} == 0:", *stores] if stores else []


def _choice(name: str, parts: Sequence[_Part]) -> str:
    """The kernel, which hands a member's arrays to the part for its kind."""
    arrays = ["x_in", "out0"] if name == "forward" else ["grad_in", "x_in", "out0"]
    rows = ["params", "sums", "scratch"]
    of_member = [*(f"{a}[member]" for a in rows), *_SHAPE, *(f"{a}[member]" for a in arrays)]
    body = ["shared = cuda.shared.array(BLOCK, real)", "member = cuda.blockIdx.x"]
    body += ["if member < kinds.size:", "    kind = kinds[member]"]
    for number, part in enumerate(parts):
        body += [f"    {'elif' if number else 'if'} kind == {number}:"]
        body += indented([f"{part.name}(shared, {', '.join(of_member)})"], 2)
    return "\n".join(
        ["@kernel", *head(name, ["kinds", *rows, *_SHAPE, *arrays]), *indented(body, 1)]
    )
