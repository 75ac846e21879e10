"""Kernels as scalar loops: the passes over a tensor that a CPU kernel is made of.

Each level of statistics is a pass of its own; the last pass writes the outputs. What a kernel knows
beforehand or finds for others is in arrays: one number, one per column or per row, for a shift all.
Two shapes of loop:

flat:   elements in memory order. What is accumulated over all of them is accumulated in 256 lanes,
        element k of each block into lane k, so that the loop has no carried dependence, vectorises,
        and always adds in the same order.
shaped: (batch, middle, features), where an element's place matters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from actdsl.backends.emit import Dialect, Emitter
from actdsl.backends.names import python_name
from actdsl.backends.schedule import Kernel, levels
from actdsl.ir import Node, input, param, topological

LANES = 256
RESERVED = frozenset(
    {"i", "k", "b", "m", "f", "start", "held", "size", "batch", "middle", "features"}
)

_GROUP = {"batch": "m * features + f", "feature": "b * middle + m"}
_GROUPS = {"batch": "middle * features", "feature": "batch * middle"}
_START = {"mean": "0.0", "amin": "math.inf", "amax": "-math.inf"}


@dataclass(frozen=True)
class Argument:
    """An array that a kernel takes: its name, and the name of its element inside the loop."""

    array: str
    element: str


class Loops:
    """Writes one kernel's body as lines of Python."""

    def __init__(self, kernel: Kernel, dialect: Dialect, reserved: Collection[str] = ()) -> None:
        self.kernel = kernel
        self._dialect = dialect
        taken = RESERVED | {"math", "np", "numba"} | set(reserved)
        self.inputs = [_argument(name, "_in", taken) for name in kernel.inputs]
        self.params = [_argument(spec.name, "_param", taken) for spec in kernel.params]
        self.outputs = [f"out{k}" for k in range(len(kernel.outputs))]
        self.sums = [f"sum{k}" for k in range(len(kernel.sums))]
        self._held = {n: f"{n.op}{k}" for k, n in enumerate((*kernel.known, *kernel.collectives))}
        self.known = [f"{self._held[n]}_known" for n in kernel.known]
        self.found = [f"{self._held[n]}_found" for n in kernel.found]
        self.shaped = kernel.shaped

    @property
    def arguments(self) -> list[str]:
        """Names of the kernel's arguments, in order."""
        arrays = [a.array for a in (*self.inputs, *self.params)]
        written = [*self.outputs, *self.sums, *self.found]
        return [*arrays, *self.known, *written, *self.extents]

    @property
    def extents(self) -> list[str]:
        """Names of the last arguments, which say how much there is."""
        return ["batch", "middle", "features"] if self.shaped else ["size"]

    def lines(self) -> list[str]:
        """The body: one loop nest per pass."""
        body = [
            f"{a.element} = {self._dialect.real}({a.array}[0])"
            for a, spec in zip(self.params, self.kernel.params, strict=True)
            if not spec.per_channel
        ]
        body += [f"{self._held[n]} = {self._array(n)}[0]" for n in self.kernel.known if _single(n)]
        for level in levels(self.kernel.collectives):
            body += self._statistics(level)
        return body + (self._results() if self.kernel.roots else [])

    def _statistics(self, level: Sequence[Node]) -> list[str]:
        before, stores, ended, after = [], [], [], []
        row, lines, values = self._element([n.args[0] for n in level])
        for n, value in zip(level, values, strict=True):
            array, total, axis = self._array(n), self._held[n], str(n.attr)
            divided = n.op == "mean" and not self.kernel.partial
            if n.op == "shift":
                before += self._claimed(n, " * ".join(self.extents))
                stores.append(f"{array}[i] = {value}")
            elif axis == "batch":
                before += self._claimed(n, _GROUPS[axis], _START[n.op])
                stores += self._fold(n, f"{array}[{_GROUP[axis]}]", value)
                if divided:
                    after.append(f"for k in range({_GROUPS[axis]}):")
                    after.append(f"    {array}[k] = {array}[k] / batch")
            elif axis == "feature":
                before += self._claimed(n, _GROUPS[axis])
                row.append(f"{total} = {_START[n.op]}")
                stores += self._fold(n, total, value)
                ended.append(f"{array}[{_GROUP[axis]}] = {total}{' / features' if divided else ''}")
            elif self.shaped:
                before.append(f"{total} = {_START[n.op]}")
                stores += self._fold(n, total, value)
            else:
                lanes, start = f"{total}_lanes", _START[n.op]
                before.append(f"{lanes} = np.full({LANES}, {start})")
                stores += self._fold(n, f"{lanes}[k]", value)
                gather = self._fold(n, total, f"{lanes}[k]")
                after += [f"{total} = {start}", f"for k in range({LANES}):", *_indented(gather, 1)]
            if axis == "all":
                size = "(batch * middle * features)" if self.shaped else "size"
                after += [f"{total} = {total} / {size}"] if divided else []
                after += [f"{array}[0] = {total}"] if n in self.kernel.found else []
        return [*before, *self._nest(row, [*lines, *stores], True, ended), *after]

    def _array(self, collective: Node) -> str:
        """Where the values of a statistic or a shift are."""
        if collective in self.kernel.known:
            return f"{self._held[collective]}_known"
        made = "found" if collective in self.kernel.found else "held"
        return f"{self._held[collective]}_{made}"

    def _claimed(self, collective: Node, size: str, start: str | None = None) -> list[str]:
        """Lines that make its array, unless it is an argument, and give it its first values."""
        array = self._array(collective)
        if collective not in self.kernel.found:
            made = f"empty({size})" if start is None else f"full({size}, {start})"
            return [f"{array} = np.{made}"]
        return [] if start is None else [f"for k in range({size}):", f"    {array}[k] = {start}"]

    def _fold(self, statistic: Node, place: str, value: str) -> list[str]:
        operand = value if value.isidentifier() else f"({value})"
        folded = self._dialect.cell(statistic.op).format("held", operand)
        return [f"held = {place}", f"{place} = {folded}"]

    def _results(self) -> list[str]:
        row, lines, values = self._element(self.kernel.roots)
        cut = len(self.outputs)
        stores = [f"{out}[i] = {v}" for out, v in zip(self.outputs, values[:cut], strict=True)]
        before, after = [], []
        for name, value, spec in zip(self.sums, values[cut:], self.kernel.summed, strict=True):
            if spec.per_channel:
                before += ["for k in range(features):", f"    {name}[k] = 0.0"]
                stores.append(f"{name}[f] += {value}")
                continue
            total = f"{name}_total"
            if self.shaped:
                before.append(f"{total} = 0.0")
                stores.append(f"{total} += {value}")
            else:
                before.append(f"{name}_lanes = np.full({LANES}, 0.0)")
                stores.append(f"{name}_lanes[k] += {value}")
                after += [f"{total} = 0.0", f"for k in range({LANES}):"]
                after.append(f"    {total} += {name}_lanes[k]")
            after.append(f"{name}[0] = {total}")
        return [*before, *self._nest(row, [*lines, *stores], lanes=bool(self.sums)), *after]

    def _element(self, roots: Sequence[Node]) -> tuple[list[str], list[str], list[str]]:
        """Some roots at one element: lines for each row, lines for the element, an expression each."""
        below = topological(roots, known=self._held)
        used = {n.attr for n in below if n.op == "input"}
        each = {n.attr for n in below if n.op == "param"}
        inputs = list(zip(self.kernel.inputs, self.inputs, strict=True))
        params = list(zip(self.kernel.params, self.params, strict=True))
        loads = [
            f"{a.element} = {self._dialect.real}({a.array}[i])"
            for name, a in inputs
            if name in used
        ]
        loads += [
            f"{a.element} = {self._dialect.real}({a.array}[f])"
            for spec, a in params
            if spec.per_channel and spec in each
        ]
        names = {input(name): a.element for name, a in inputs}
        names |= {param(spec): a.element for spec, a in params}
        names |= {n: self._read(n) for n in self._held}
        emitter = Emitter(self._dialect, names)
        values = emitter.values(roots)
        used_here = {*roots, *(arg for n in below for arg in n.args)}
        row = [
            f"{name} = {self._array(n)}[{_GROUP['feature']}]"
            for n, name in self._held.items()
            if n.attr == "feature" and n in used_here
        ]
        return row, [*loads, *emitter.lines], values

    def _read(self, collective: Node) -> str:
        """A statistic or a shifted value at the current element."""
        array, attr = self._array(collective), collective.attr
        if collective.op == "shift":
            assert isinstance(attr, int)
            moved = f"- {attr}" if attr >= 0 else f"+ {-attr}"
            return f"({array}[i {moved}] if 0 <= f {moved} < features else 0.0)"
        return f"{array}[{_GROUP['batch']}]" if attr == "batch" else self._held[collective]

    def _nest(
        self, row: Sequence[str], body: Sequence[str], lanes: bool, ended: Sequence[str] = ()
    ) -> list[str]:
        """Loops around the body; around each row, where there are rows, what begins and ends it."""
        if self.shaped:
            return [
                "for b in range(batch):",
                "    for m in range(middle):",
                *_indented(row, 2),
                "        for f in range(features):",
                "            i = (b * middle + m) * features + f",
                *_indented(body, 3),
                *_indented(ended, 2),
            ]
        if lanes:
            return [
                f"for start in range(0, size, {LANES}):",
                f"    for k in range(min({LANES}, size - start)):",
                "        i = start + k",
                *_indented(body, 2),
            ]
        return ["for i in range(size):", *_indented(body, 1)]


def _single(collective: Node) -> bool:
    """Whether it is one number for the whole tensor."""
    return collective.attr == "all"


def _argument(name: str, suffix: str, taken: Collection[str]) -> Argument:
    element = python_name(name, taken)
    return Argument(element + suffix, element)


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
