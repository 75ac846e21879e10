"""The cost model: what one element costs, before anything is run.

FLOPs are weighted by the table's ``cost`` column, whose unit is one addition; docs/cost.md lists
the weights. What depends on no input (constants, expressions of parameters) is paid once per
tensor and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from actdsl.ir import Node, topological
from actdsl.lower import lower
from actdsl.ops import TABLE
from actdsl.program import Program


@dataclass(frozen=True, slots=True)
class Cost:
    """Per element of the output.

    Attributes:
        flops: weighted floating-point operations of the forward pass.
        transcendentals: operations among them that need a polynomial or a table.
        bytes: memory traffic of the forward pass in float32: each input read once per pass over
            the tensor (a statistic needs a pass of its own), the output written once.
    """

    flops: int
    transcendentals: int
    bytes: int


def cost(program: Program) -> Cost:
    """The cost of a program as a kernel would run it, shared subexpressions counted once."""
    lowered = lower(program.body)
    operations = _per_element([lowered])
    passes = 1 + _statistic_depth(lowered)
    return Cost(
        flops=flops([lowered]),
        transcendentals=sum(TABLE[n.op].transcendental for n in operations),
        bytes=4 * (len(program.inputs) * passes + 1),
    )


def flops(roots: Iterable[Node]) -> int:
    """Weighted FLOPs per element of lowered graphs, shared work counted once."""
    return sum(TABLE[n.op].cost for n in _per_element(roots))


def _per_element(roots: Iterable[Node]) -> list[Node]:
    varying: set[Node] = set()
    operations = []
    for current in topological(roots):
        if current.op == "input" or any(arg in varying for arg in current.args):
            varying.add(current)
            if current.args:
                operations.append(current)
    return operations


def _statistic_depth(root: Node) -> int:
    depth: dict[Node, int] = {}
    for current in topological([root]):
        below = max((depth[arg] for arg in current.args), default=0)
        op = TABLE.get(current.op)
        depth[current] = below + (op is not None and op.contextual)
    return depth[root]
