"""Kernels as scalar loops: the passes over a tensor that a CPU kernel is made of.

Each level of statistics is a pass of its own; the last pass writes the outputs. Two shapes of loop:

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
from actdsl.ir import Node, Param, input, leaves, param

LANES = 256
RESERVED = frozenset(
    {"i", "k", "b", "m", "f", "start", "held", "size", "batch", "middle", "features"}
)

_GROUP = {"all": "0", "batch": "m * features + f", "feature": "b * middle + m"}
_GROUPS = {"all": "1", "batch": "middle * features", "feature": "batch * middle"}
_MEMBERS = {"all": "batch * middle * features", "batch": "batch", "feature": "features"}
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
        self._held = {n: f"{n.op}{k}" for k, n in enumerate(kernel.collectives)}
        self.shaped = kernel.shaped

    @property
    def arguments(self) -> list[str]:
        """Names of the kernel's arguments, in order."""
        arrays = [a.array for a in (*self.inputs, *self.params)] + self.outputs + self.sums
        return [*arrays, *self.extents]

    @property
    def extents(self) -> list[str]:
        """Names of the last arguments, which say how much there is."""
        return ["batch", "middle", "features"] if self.shaped else ["size"]

    def lines(self) -> list[str]:
        """The body: one loop nest per pass."""
        body = [
            f"{a.element} = np.float64({a.array}[0])"
            for a, spec in zip(self.params, self.kernel.params, strict=True)
            if not spec.per_channel
        ]
        for level in levels(self.kernel.collectives):
            body += self._statistics(level)
        return body + self._results()

    def _statistics(self, level: Sequence[Node]) -> list[str]:
        before, after, stores = [], [], []
        lines, values = self._element([n.args[0] for n in level], known=level)
        for n, value in zip(level, values, strict=True):
            array = self._held[n]
            if n.op == "shift":
                before.append(f"{array} = np.empty({' * '.join(self.extents)})")
                stores.append(f"{array}[i] = {value}")
            elif self.shaped:
                axis = str(n.attr)
                before.append(f"{array} = np.full({_GROUPS[axis]}, {_START[n.op]})")
                stores += self._fold(n, f"{array}[{_GROUP[axis]}]", value)
                if n.op == "mean":
                    after.append(f"for k in range({_GROUPS[axis]}):")
                    after.append(f"    {array}[k] = {array}[k] / ({_MEMBERS[axis]})")
            else:
                lanes, start = f"{array}_lanes", _START[n.op]
                before.append(f"{lanes} = np.full({LANES}, {start})")
                stores += self._fold(n, f"{lanes}[k]", value)
                gather = self._fold(n, array, f"{lanes}[k]")
                after += [f"{array} = {start}", f"for k in range({LANES}):", *_indented(gather, 1)]
                after += [f"{array} = {array} / size"] if n.op == "mean" else []
        return [*before, *self._nest([*lines, *stores], lanes=True), *after]

    def _fold(self, statistic: Node, place: str, value: str) -> list[str]:
        operand = value if value.isidentifier() else f"({value})"
        folded = self._dialect.cell(statistic.op).format("held", operand)
        return [f"held = {place}", f"{place} = {folded}"]

    def _results(self) -> list[str]:
        lines, values = self._element(self.kernel.roots)
        cut = len(self.outputs)
        stores = [f"{out}[i] = {v}" for out, v in zip(self.outputs, values[:cut], strict=True)]
        before, after = [], []
        specs = self.kernel.params[len(self.kernel.params) - len(self.sums) :]
        for name, value, spec in zip(self.sums, values[cut:], specs, strict=True):
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
        return [*before, *self._nest([*lines, *stores], lanes=bool(self.sums)), *after]

    def _element(
        self, roots: Sequence[Node], known: Sequence[Node] = ()
    ) -> tuple[list[str], list[str]]:
        """The lines that compute some roots at one element, and an expression for each."""
        used = {n.attr for n in leaves(roots, "input")}
        each = {n.attr for n in leaves(roots, "param") if isinstance(n.attr, Param)}
        inputs = list(zip(self.kernel.inputs, self.inputs, strict=True))
        params = list(zip(self.kernel.params, self.params, strict=True))
        loads = [f"{a.element} = np.float64({a.array}[i])" for name, a in inputs if name in used]
        loads += [
            f"{a.element} = np.float64({a.array}[f])"
            for spec, a in params
            if spec.per_channel and spec in each
        ]
        names = {input(name): a.element for name, a in inputs}
        names |= {param(spec): a.element for spec, a in params}
        names |= {n: self._read(n) for n in self._held if n not in known}
        emitter = Emitter(self._dialect, names)
        values = emitter.values(roots)
        return [*loads, *emitter.lines], values

    def _read(self, collective: Node) -> str:
        """A statistic or a shifted value at the current element."""
        array, attr = self._held[collective], collective.attr
        if collective.op == "shift":
            assert isinstance(attr, int)
            moved = f"- {attr}" if attr >= 0 else f"+ {-attr}"
            return f"({array}[i {moved}] if 0 <= f {moved} < features else 0.0)"
        return f"{array}[{_GROUP[str(attr)]}]" if self.shaped else array

    def _nest(self, body: Sequence[str], lanes: bool) -> list[str]:
        if self.shaped:
            return [
                "for b in range(batch):",
                "    for m in range(middle):",
                "        for f in range(features):",
                "            i = (b * middle + m) * features + f",
                *_indented(body, 3),
            ]
        if lanes:
            return [
                f"for start in range(0, size, {LANES}):",
                f"    for k in range(min({LANES}, size - start)):",
                "        i = start + k",
                *_indented(body, 2),
            ]
        return ["for i in range(size):", *_indented(body, 1)]


def _argument(name: str, suffix: str, taken: Collection[str]) -> Argument:
    element = python_name(name, taken)
    return Argument(element + suffix, element)


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
