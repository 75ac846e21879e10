"""Products that are added to something, contracted: half the operations of a polynomial, and one rounding.

Here, in the graph, where the trial of a kernel's accuracy sees it. LLVM is never allowed to contract by
itself: results are then the same whatever it makes of a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actdsl.backends.schedule import Kernel
from actdsl.ir import Node, node

CELLS: Mapping[str, str] = {"fma": "fma({0}, {1}, {2})"}
"""How an operator that is none of the table's is written."""

MEANINGS: Mapping[str, Callable[..., Any]] = {"fma": lambda a, b, c: a * b + c}
"""What it means, on NumPy arrays of float64 that hold numbers of float32."""


def fma(a: Node, b: Node, c: Node) -> Node:
    """a * b + c, rounded once."""
    return node("fma", (a, b, c))


def contracted(kernel: Kernel) -> Kernel:
    """The kernel with a fused multiply-add wherever a product is a term of a sum or a difference."""
    return kernel.transformed(_contracted)


def _contracted(current: Node) -> Node | None:
    if current.op not in ("add", "sub"):
        return None
    left, right = current.args
    if right.op == "mul":
        a, b = right.args
        return fma(a if current.op == "add" else -a, b, left)
    if left.op == "mul":
        a, b = left.args
        return fma(a, b, right if current.op == "add" else -right)
    return None
