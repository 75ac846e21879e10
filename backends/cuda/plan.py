"""The launches that one kernel needs on a GPU: its statistics level by level, then its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from actdsl.backends.schedule import Kernel, levels
from actdsl.ir import Node, topological


@dataclass(frozen=True)
class Reduction:
    """A value that a launch folds over many elements.

    Attributes:
        op: the row of the op table whose step folds two values: ``mean``, ``amin`` or ``amax``.
        over: what shares one result: ``all``, ``batch``, ``feature``, or ``channel`` for everything
            at one place along the last axis.
        value: what is folded, at one element.
        into: the array that takes the result, or the parts of it.
        averaged: whether the result is divided by the number of elements.
    """

    op: str
    over: str
    value: Node
    into: str
    averaged: bool = False


@dataclass(frozen=True)
class Launch:
    """One kernel over the elements of a tensor.

    Attributes:
        name: the kernel's.
        known: arrays with what earlier launches found, by the node whose values they hold.
        written: values stored element by element, by array.
        reductions: values folded; either all of them over ``feature`` or none.
        last: whether it writes the outputs.
    """

    name: str
    known: Mapping[Node, str]
    written: Mapping[str, Node]
    reductions: tuple[Reduction, ...]
    last: bool = False

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """What it computes at one element: values to store, then values to fold."""
        return (*self.written.values(), *(reduction.value for reduction in self.reductions))

    @cached_property
    def used(self) -> frozenset[Node]:
        """Leaves and earlier findings among what the computation takes."""
        below = topological(self.roots, known=self.known)
        return frozenset({*self.roots, *(arg for n in below for arg in n.args)})

    @property
    def in_rows(self) -> bool:
        """Whether a block takes a row of features at a time."""
        return any(reduction.over == "feature" for reduction in self.reductions)

    @property
    def in_columns(self) -> bool:
        """Whether a thread keeps to one column, because the last axis is not reduced."""
        return any(reduction.over in ("batch", "channel") for reduction in self.reductions)


def launches(kernel: Kernel) -> list[Launch]:
    """A launch or two for every level of statistics, lowest first, and one for the outputs."""
    plan: list[Launch] = []
    known: dict[Node, str] = {}
    names = {n: f"{n.op}{k}" for k, n in enumerate(kernel.collectives)}
    stored = _stored(kernel)
    for level in levels(kernel.collectives):
        rows = [n for n in level if n.attr == "feature"]
        others = [n for n in level if n.attr != "feature"]
        for group in filter(None, (others, rows)):
            shifts = {n: names[n] for n in group if n.op == "shift"}
            statistics = {n: names[n] for n in group if n.op != "shift"}
            kept = {
                n.args[0]: f"{array}_of"
                for n, array in statistics.items()
                if n.args[0] in stored and n.args[0] not in known
            }
            written = {array: n.args[0] for n, array in shifts.items()}
            written |= {array: operand for operand, array in kept.items()}
            reductions = tuple(
                Reduction(n.op, str(n.attr), n.args[0], array, averaged=n.op == "mean")
                for n, array in statistics.items()
            )
            plan.append(Launch(f"{kernel.name}_{len(plan)}", dict(known), written, reductions))
            known |= {**shifts, **kept, **statistics}
    outputs = {f"out{k}": value for k, value in enumerate(kernel.outputs)}
    specs = kernel.params[len(kernel.params) - len(kernel.sums) :]
    sums = tuple(
        Reduction("mean", "channel" if spec.per_channel else "all", value, f"sum{k}")
        for k, (spec, value) in enumerate(zip(specs, kernel.sums, strict=True))
    )
    return [*plan, Launch(kernel.name, known, outputs, sums, last=True)]


def _stored(kernel: Kernel) -> frozenset[Node]:
    """Computed operands of extremes that are used elsewhere too.

    A derivative compares them with the extreme. Computed twice, one could be rounded differently
    each time, where the compiler fuses a product with a sum, and no element would attain it.
    """
    extremes = [n for n in kernel.collectives if n.op in ("amin", "amax")]
    others = (n for n in topological(kernel.roots) if n not in extremes)
    used = {*kernel.roots, *(arg for n in others for arg in n.args)}
    operands = {n.args[0] for n in extremes}
    return frozenset(o for o in operands & used if o.args and o not in kernel.collectives)
