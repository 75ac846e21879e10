"""Kernels whose threads take 128 bits at a time: those to which an element's place means nothing.

A device function computes one element. The kernel applies it to the lanes of a vector, then to the
elements that are left, which are all of them where the tensors are not aligned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actdsl.backends.cuda.dialect import (
    DIALECT,
    STARTS,
    STEPS,
    Leaves,
    element_function,
    head,
    indented,
)
from actdsl.backends.cuda.plan import Launch, Reduction
from actdsl.backends.emit import Emitter
from actdsl.ir import Node


def vectorisable(step: Launch) -> bool:
    """Whether a launch reads and writes elements of the tensors' type alone, one place at a time.

    What launches leave for one another element by element is in the working type.
    """
    statistics = all(n.op in STEPS and n.attr == "all" for n in step.known if n in step.used)
    whole = all(reduction.over == "all" for reduction in step.reductions)
    return statistics and whole and (step.last or not step.written)


def element_source(step: Launch, leaves: Leaves) -> str:
    """The formula of one element: values to store, then values to fold."""
    emitter = Emitter(DIALECT, {**leaves.names, **_known(step)}, leaves.prefix)
    values = emitter.values(step.roots)
    arguments = [*(leaves.names[leaf] for leaf in _read(step, leaves)), *_shared(step, leaves)]
    body = [*emitter.lines, f"return {', '.join(values)}"]
    opening = head(element_function(step), arguments)
    return "\n".join([f"@formula({len(values)})", *opening, *indented(body, 1)])


def body(
    step: Launch, leaves: Leaves, thread: str = "cuda.grid(1)", threads: str = "cuda.gridsize(1)"
) -> list[str]:
    """The kernel's lines up to where its threads share what they have folded.

    ``thread`` and ``threads`` say which thread of how many one is, by default of the whole grid.
    """
    function, arrays = element_function(step), [leaves.array(leaf) for leaf in _read(step, leaves)]
    shared, first = list(_shared(step, leaves).values()), leaves.array(leaves.first)
    names = [*step.written, *(r.into for r in step.reductions)]
    vectors = _tuple([f"load({array}, v)" for array in arrays])
    applied = f"each({function}, {vectors}, {_tuple(shared)})"
    by_vector = _uses(step, names, applied, "store({array}, v, {value})", "folded({step}, {value})")
    elements = [*(f"read({array}, i)" for array in arrays), *shared]
    applied = f"{function}({', '.join(elements)})"
    by_element = _uses(step, names, applied, "write({array}, i, {value})", "{value}")
    return [
        *(f"{share(r)} = {STARTS[r.op]}" for r in step.reductions),
        *_strided("v", thread, "vectors", threads, by_vector),
        *_strided("i", f"width * vectors + {thread}", f"{first}.size", threads, by_element),
    ]


def share(reduction: Reduction) -> str:
    """The name of a thread's own share of a reduction."""
    return f"{reduction.into}_total"


def _strided(name: str, start: str, end: str, turn: str, lines: Sequence[str]) -> list[str]:
    """A loop that threads share, without the divisions of Python's ``range``."""
    lines = indented([*lines, f"{name} += {turn}"], 1)
    return [f"{name} = {start}", f"while {name} < {end}:", *lines]


def _uses(step: Launch, names: Sequence[str], applied: str, write: str, fold: str) -> list[str]:
    """Lines that compute the values of a vector or of an element, and say where they go."""
    if not step.reductions and len(names) == 1:
        return [write.format(array=names[0], value=applied)]
    suffix = "lanes" if "each(" in applied else "value"
    values = {name: f"{name}_{suffix}" for name in names}
    lines = [f"{', '.join(values.values())} = {applied}"]
    lines += [write.format(array=array, value=values[array]) for array in step.written]
    for r in step.reductions:
        name = STEPS[r.op]
        folded = fold.format(step=name, value=values[r.into])
        lines.append(f"{share(r)} = {name}({share(r)}, {folded})")
    return lines


def _read(step: Launch, leaves: Leaves) -> list[Node]:
    """The inputs that a vector is made of: at least one, for its width."""
    return leaves.inputs(step) or [leaves.first]


def _known(step: Launch) -> Mapping[Node, str]:
    """The statistics that the element function takes, and its names for them."""
    return {n: array for n, array in step.known.items() if n in step.used}


def _shared(step: Launch, leaves: Leaves) -> dict[str, str]:
    """The element function's other arguments, and what the kernel gives for them."""
    params = [leaves.names[p] for p in leaves.params(step, per_channel=False)]
    return {name: name for name in params} | {a: f"{a}[0]" for a in _known(step).values()}


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
