"""What is computed: the three kernels of a program, before anybody says how.

``forward`` gives the output. ``backward`` gives, from a cotangent, the gradient of each input and
what is summed into the gradient of each parameter. ``second`` does the same for ``backward``
itself, so that second derivatives never differentiate generated code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from actdsl.derive import cotangents
from actdsl.ir import Node, Param, const, input, param, topological
from actdsl.lower import lower, sharing_inverses, sharing_signs, without_stopgrad
from actdsl.ops import TABLE
from actdsl.program import Program


@dataclass(frozen=True)
class Kernel:
    """One pass over tensors of one shape.

    Attributes:
        name: ``forward``, ``backward`` or ``second``.
        inputs: names of the tensors read, all of one shape.
        params: scalars, or vectors along the last axis, that are read.
        outputs: per tensor written, its value at one element.
        sums: per parameter, the value to be summed over the elements that share it.
    """

    name: str
    inputs: tuple[str, ...]
    params: tuple[Param, ...]
    outputs: tuple[Node, ...]
    sums: tuple[Node, ...] = ()

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """Everything the kernel computes per element."""
        return (*self.outputs, *self.sums)

    @cached_property
    def collectives(self) -> tuple[Node, ...]:
        """Statistics and shifts, operands before their users."""
        return tuple(collectives(self.roots))

    @property
    def per_channel(self) -> bool:
        """Whether an element's place along the last axis matters."""
        return any(p.per_channel for p in self.params)

    @property
    def shaped(self) -> bool:
        """Whether an element's place along some axis matters."""
        return self.per_channel or any(n.attr != "all" for n in self.collectives)

    @property
    def maps(self) -> bool:
        """Whether each element of the outputs needs only its own elements of the inputs."""
        return not (self.sums or self.collectives or self.per_channel)


def collectives(roots: Iterable[Node]) -> list[Node]:
    """Statistics and shifts below some roots, operands before their users."""
    return [n for n in topological(roots) if n.op in TABLE and TABLE[n.op].contextual]


def levels(nodes: Sequence[Node]) -> list[list[Node]]:
    """Collectives grouped so that each group needs only the groups before it."""
    level: dict[Node, int] = {}
    for current in nodes:
        level[current] = max((level[n] + 1 for n in collectives(current.args)), default=0)
    return [[n for n in nodes if level[n] == k] for k in range(max(level.values(), default=-1) + 1)]


@dataclass(frozen=True)
class Schedule:
    """The kernels of one program, and the names of what they read."""

    program: Program
    forward: Kernel
    backward: Kernel
    second: Kernel

    @property
    def key(self) -> str:
        """Differs wherever a kernel does, names apart; the canonical hash may not (``stopgrad``)."""
        digest = hashlib.blake2b(digest_size=8)
        for kernel in self.kernels:
            digest.update(
                b"/".join(root.key for root in kernel.roots) + repr(kernel.params).encode()
            )
        return digest.hexdigest()

    @property
    def kernels(self) -> tuple[Kernel, Kernel, Kernel]:
        """All three."""
        return self.forward, self.backward, self.second


def schedule(program: Program) -> Schedule:
    """Lower a program and derive its kernels.

    ``backward`` takes the output's cotangent before the inputs; ``second`` takes before these the
    cotangents of the inputs' gradients, and among its parameters those of the parameters' gradients.
    """
    body = lower(program.body)
    taken = {*program.inputs, *(p.name for p in program.params)}
    names = program.inputs
    flow = _fresh("grad", taken)
    flows = tuple(_fresh(f"grad_grad_{name}", taken) for name in names)
    param_flows = tuple(
        replace(p, name=_fresh(f"grad_grad_{p.name}", taken)) for p in program.params
    )
    leaves = [*map(input, names), *map(param, program.params)]
    first = cotangents(body, input(flow), leaves)
    cut = len(names)

    incoming = [*map(input, flows), *map(param, param_flows)]
    second_leaves = [input(flow), *leaves]
    second = _total(
        cotangents(gradient, arriving, second_leaves)
        for gradient, arriving in zip(first, incoming, strict=True)
    )
    return Schedule(
        program,
        _kernel("forward", names, program.params, [body], []),
        _kernel("backward", (flow, *names), program.params, first[:cut], first[cut:]),
        _kernel(
            "second",
            (*flows, flow, *names),
            (*param_flows, *program.params),
            second[: cut + 1],
            second[cut + 1 :],
        ),
    )


def joint(program: Program) -> Kernel:
    """Output and the derivative in each input of a pointwise program, in one pass that shares work."""
    body = lower(program.body)
    slopes = cotangents(body, const(1.0), list(map(input, program.inputs)))
    return _kernel("joint", program.inputs, program.params, [body, *slopes], [])


def slopes(program: Program) -> tuple[Kernel, Kernel, Kernel]:
    """A pointwise program's ``forward``, ``slopes`` and ``curvatures``.

    Slopes are the partial derivatives in every input and parameter; curvatures those of each slope.
    """
    body = lower(program.body)
    leaves = [*map(input, program.inputs), *map(param, program.params)]
    first = cotangents(body, const(1.0), leaves)
    second = [c for slope in first for c in cotangents(slope, const(1.0), leaves)]
    signature = program.inputs, program.params
    return (
        _kernel("forward", *signature, [body], []),
        _kernel("slopes", *signature, first, []),
        _kernel("curvatures", *signature, second, []),
    )


def _kernel(
    name: str,
    inputs: tuple[str, ...],
    params: tuple[Param, ...],
    outputs: Iterable[Node],
    sums: Iterable[Node],
) -> Kernel:
    values, totals = list(map(without_stopgrad, outputs)), list(map(without_stopgrad, sums))
    roots = sharing_signs(sharing_inverses([*values, *totals]))
    cut = len(values)
    return Kernel(name, inputs, params, tuple(roots[:cut]), tuple(roots[cut:]))


def _total(gradients: Iterable[Sequence[Node]]) -> list[Node]:
    columns = zip(*gradients, strict=True)
    return [lower(_sum(column)) for column in columns]


def _sum(terms: Sequence[Node]) -> Node:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
