"""What is computed: the kernels of a program, before anybody says how.

``forward`` gives the output. ``backward`` gives, from a cotangent, the gradient of each input and
what is summed into the gradient of each parameter. ``second`` does the same for ``backward``
itself, so that second derivatives never differentiate generated code. ``joint`` and ``pullback``
are what training may run instead of the first two, for the price of memory between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from actdsl.backends.means import apart
from actdsl.derive import cotangents, derivative
from actdsl.ir import Node, Param, const, constant, input, param, topological, transform
from actdsl.lower import (
    lower,
    settling_quotients,
    sharing_inverses,
    sharing_signs,
    without_stopgrad,
)
from actdsl.ops import TABLE
from actdsl.ops.functions import stopgrad
from actdsl.program import Program
from actdsl.rewrite import rewrite


@dataclass(frozen=True)
class Kernel:
    """A computation over tensors of one shape.

    Attributes:
        name: ``forward``, ``backward``, ``second``, ``joint`` or ``pullback``; of a pass, with its number.
        inputs: names of the tensors read, all of one shape.
        params: scalars, or vectors along the last axis, that are read.
        outputs: per tensor written, its value at one element.
        sums: per parameter, the value to be summed over the elements that share it.
        known: statistics and shifts whose values are read, not computed.
        found: statistics and shifts whose values are written for somebody who knows them then.
        fast: whether its arithmetic may be that of the arrays' type, whatever accuracy that costs.
    """

    name: str
    inputs: tuple[str, ...]
    params: tuple[Param, ...]
    outputs: tuple[Node, ...]
    sums: tuple[Node, ...] = ()
    known: tuple[Node, ...] = ()
    found: tuple[Node, ...] = ()
    fast: bool = False

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """Everything the kernel computes per element."""
        return (*self.outputs, *self.sums)

    @cached_property
    def collectives(self) -> tuple[Node, ...]:
        """Statistics and shifts that it computes, operands before their users."""
        return tuple(collectives((*self.roots, *self.found), self.known))

    @cached_property
    def summed(self) -> tuple[Param, ...]:
        """The parameters that sums belong to: the last ones."""
        return self.params[len(self.params) - len(self.sums) :]

    @cached_property
    def per_channel(self) -> bool:
        """Whether an element's place along the last axis matters."""
        return any(p.per_channel for p in self.params)

    @cached_property
    def shaped(self) -> bool:
        """Whether an element's place along some axis matters."""
        return self.per_channel or any(n.attr != "all" for n in (*self.known, *self.collectives))

    @cached_property
    def maps(self) -> bool:
        """Whether each element of the outputs needs only its own elements of the inputs."""
        return not (self.sums or self.known or self.collectives or self.per_channel)

    def transformed(self, rule: Callable[[Node], Node | None]) -> Kernel:
        """The kernel with every graph in it rewritten by a rule."""
        outputs, sums, known, found = (
            tuple(transform(root, rule) for root in roots)
            for roots in (self.outputs, self.sums, self.known, self.found)
        )
        return replace(self, outputs=outputs, sums=sums, known=known, found=found)

    @property
    def partial(self) -> bool:
        """Whether it is one pass of several, which leaves means as sums: it may see but a part."""
        return bool(self.found) and not self.roots


def passes(kernel: Kernel) -> list[Kernel]:
    """A kernel as kernels of one loop each: its statistics level by level, then what it gives.

    Each knows what those before it have found, and may be run part by part.
    """
    plan, known = [], kernel.known
    for number, level in enumerate(levels(kernel.collectives)):
        name, found = f"{kernel.name}_{number}", tuple(level)
        plan.append(replace(kernel, name=name, outputs=(), sums=(), known=known, found=found))
        known += found
    return [*plan, replace(kernel, known=known, found=())]


def cost(roots: Iterable[Node], known: Collection[Node] = ()) -> int:
    """Weighted FLOPs of some roots at one element, without what is known."""
    return sum(TABLE[n.op].cost for n in topological(roots, known) if n.op in TABLE)


def collectives(roots: Iterable[Node], known: Collection[Node] = ()) -> list[Node]:
    """Statistics and shifts below some roots, operands before their users; not below known ones."""
    below = topological(roots, known)
    return [n for n in below if n.op in TABLE and TABLE[n.op].contextual]


def levels(nodes: Sequence[Node]) -> list[list[Node]]:
    """Collectives grouped so that each group needs only the groups before it."""
    level: dict[Node, int] = {}
    for current in nodes:
        below = (n for n in collectives(current.args) if n in level)
        level[current] = max((level[n] + 1 for n in below), default=0)
    return [[n for n in nodes if level[n] == k] for k in range(max(level.values(), default=-1) + 1)]


class Schedule:
    """The kernels of one program, each derived when it is first asked for.

    ``backward`` takes the output's cotangent before the inputs; ``second`` takes before these the
    cotangents of the inputs' gradients, and among its parameters those of the parameters' gradients.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._body = lower(program.body)
        self._taken = {*program.inputs, *(p.name for p in program.params)}
        self._flow = _fresh("grad", self._taken)
        self._leaves = [*map(input, program.inputs), *map(param, program.params)]

    @property
    def key(self) -> str:
        """Differs wherever a kernel does; the canonical hash may not (``stopgrad``)."""
        digest = hashlib.blake2b(self._body.key, digest_size=8)
        digest.update(repr((self.program.inputs, self.program.params)).encode())
        return digest.hexdigest()

    @property
    def kernels(self) -> tuple[Kernel, Kernel, Kernel]:
        """All three."""
        return self.forward, self.backward, self.second

    @cached_property
    def forward(self) -> Kernel:
        """From inputs and parameters to the output."""
        return _kernel("forward", self.program.inputs, self.program.params, [self._body], [])

    @cached_property
    def backward(self) -> Kernel:
        """From a cotangent to each input's gradient, and the sums that are the parameters'."""
        inputs, params = self.program.inputs, self.program.params
        cut = len(inputs)
        gradients = self._gradients
        return _kernel("backward", (self._flow, *inputs), params, gradients[:cut], gradients[cut:])

    @cached_property
    def second(self) -> Kernel:
        """The backward pass of ``backward``."""
        inputs, params = self.program.inputs, self.program.params
        taken = {*self._taken}
        flows = tuple(_fresh(f"grad_grad_{name}", taken) for name in inputs)
        param_flows = tuple(replace(p, name=_fresh(f"grad_grad_{p.name}", taken)) for p in params)
        incoming = [*map(input, flows), *map(param, param_flows)]
        gradients = _total(
            cotangents(gradient, arriving, [input(self._flow), *self._leaves])
            for gradient, arriving in zip(self._gradients, incoming, strict=True)
        )
        cut = 1 + len(inputs)
        return _kernel(
            "second",
            (*flows, self._flow, *inputs),
            (*param_flows, *params),
            gradients[:cut],
            gradients[cut:],
        )

    @cached_property
    def _gradients(self) -> list[Node]:
        return cotangents(self._body, input(self._flow), self._leaves)


def saving(program: Program, price: int) -> tuple[Kernel, Kernel]:
    """``joint`` and ``pullback``: forward and backward with slopes and statistics kept in between.

    The output is a function of inputs, parameters and statistics, element by element. Its
    derivative in each of these, a slope, is all that a backward pass needs of it: multiplied by the
    cotangent, it is what arrives there, and statistics pass that on to their operands. ``joint``
    gives the output and the dear slopes and finds the statistics; ``pullback`` takes the
    cotangent, these slopes and the inputs it needs, and knows these statistics.

    Args:
        program: what is trained.
        price: weighted FLOPs that are worth one more tensor, written and read again.
    """
    body = lower(program.body)
    leaves = [*map(input, program.inputs), *map(param, program.params)]
    statistics = collectives([body])
    slopes = {leaf: derivative(body, leaf) for leaf in (*leaves, *statistics)}
    dear = [s for s in dict.fromkeys(slopes.values()) if 2 * cost([s], statistics) > price]
    if cost(dear, statistics) <= price * len(dear):
        dear = []
    taken = {*program.inputs, *(p.name for p in program.params)}
    flow, *names = (_fresh(name, taken) for name in ("grad", *["slope"] * len(dear)))
    saved = dict(zip(dear, map(input, names), strict=True))
    # At this point the output changes as its linear form does.
    terms = [saved.get(s, stopgrad(s)) * leaf for leaf, s in slopes.items() if constant(s) != 0]
    gradients = cotangents(_sum([*terms, const(0.0)]), input(flow), leaves)
    read = [name for name in program.inputs if input(name) in topological(gradients)]
    cut, params = len(program.inputs), program.params
    first = _kernel("joint", program.inputs, params, [body, *dear], [])
    second = _kernel("pullback", (flow, *names, *read), params, gradients[:cut], gradients[cut:])
    kept = tuple(n for n in second.collectives if n in first.collectives and n.op != "shift")
    return replace(first, found=kept), replace(second, known=kept)


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
    values, totals = list(map(_settled, outputs)), list(map(_settled, sums))
    roots = sharing_signs(sharing_inverses([*values, *totals]))
    cut = len(values)
    return Kernel(name, inputs, params, tuple(roots[:cut]), tuple(roots[cut:]))


def _settled(root: Node) -> Node:
    return rewrite(apart(settling_quotients(without_stopgrad(root))))


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
