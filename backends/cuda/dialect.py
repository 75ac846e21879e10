"""How kernels for a GPU are spelled: the op table's ``cuda`` column, and names of what they read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from actdsl.backends.cuda import device_math
from actdsl.backends.cuda.plan import Launch
from actdsl.backends.emit import Dialect, literal
from actdsl.backends.names import file_names, python_name
from actdsl.backends.schedule import Kernel
from actdsl.ir import Node, input, param


def real(value: float) -> str:
    """A constant of the working type."""
    return f"real({literal(value)})"


DIALECT = Dialect("cuda", number=real, argument=real, respelled=device_math.respelled)
STEPS = {"mean": "add", "amin": "least", "amax": "greatest"}
"""The device function that folds two values, by the op table's row that spells it."""
STARTS = {"mean": real(0.0), "amin": "real(math.inf)", "amax": "real(-math.inf)"}
"""Its neutral element."""
PLACES = {"f": "i % features", "row": "i // features", "column": "i % (middle * features)"}
"""Where an element stands, by the name that a kernel has for it."""
EXTENTS = ("batch", "middle", "features")
"""The arguments that tell a kernel the shape."""

_ELEMENTS = ("read", "write", "load", "store", "width", "quick", "vectors", "v", "i")
_MEMBERS = ("member", "kind", "shared", "params", "sums", "scratch")
_LONGEST_LINE = 92


class Leaves:
    """What a kernel's inputs and parameters are called.

    Attributes:
        names: of one element or one parameter, by leaf.
        prefix: begins the names of computed values.
    """

    def __init__(self, kernel: Kernel, launches: Iterable[Launch]) -> None:
        own = {name for step in launches for name in (step.name, element_function(step))}
        taken = file_names() | device_math.NAMES | own | set(STEPS.values())
        taken |= {*_ELEMENTS, *_MEMBERS, *PLACES, *EXTENTS, "start", "lanes"}
        self._inputs = [input(name) for name in kernel.inputs]
        self._params = {param(spec): spec.per_channel for spec in kernel.params}
        self.names = {input(name): python_name(name, taken) for name in kernel.inputs}
        self.names |= {param(spec): python_name(spec.name, taken) for spec in kernel.params}
        self.prefix = "t"
        while any(name.startswith(self.prefix) for name in self.names.values()):
            self.prefix += "_"

    @property
    def first(self) -> Node:
        """The first input, whose size is every input's."""
        return self._inputs[0]

    @property
    def all_inputs(self) -> list[Node]:
        """Every input, in order."""
        return self._inputs

    @property
    def all_params(self) -> list[Node]:
        """Every parameter, in order."""
        return list(self._params)

    def array(self, leaf: Node) -> str:
        """The argument that brings a leaf's values."""
        return f"{self.names[leaf]}_{'in' if leaf.op == 'input' else 'param'}"

    def inputs(self, step: Launch) -> list[Node]:
        """The inputs that a launch needs."""
        return [leaf for leaf in self._inputs if leaf in step.used]

    def params(self, step: Launch, per_channel: bool) -> list[Node]:
        """The parameters of a kind that a launch needs."""
        return [p for p, each in self._params.items() if p in step.used and each == per_channel]

    def scalars(self, step: Launch) -> list[str]:
        """Lines that read the parameters which all elements share."""
        return [f"{self.names[p]} = {self.array(p)}[0]" for p in self.params(step, False)]


def element_function(step: Launch) -> str:
    """The name of the function that computes a launch's values at one element."""
    return f"{step.name}_at"


def head(name: str, arguments: Sequence[str]) -> list[str]:
    """The line that opens a function, broken where it would be long."""
    line = f"def {name}({', '.join(arguments)}):"
    if len(line) <= _LONGEST_LINE:
        return [line]
    broken = textwrap.wrap(", ".join(arguments) + ",", _LONGEST_LINE)
    return [f"def {name}(", *indented(broken, 1), "):"]


def indented(lines: Iterable[str], depth: int) -> list[str]:
    """The lines, some levels further right."""
    return ["    " * depth + line for line in lines]
