"""A checked activation: its signature, its graph and the reason somebody gave for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property

from actdsl.expand import expand
from actdsl.ir import Node, Param, topological
from actdsl.ops import TABLE


class Kind(enum.Enum):
    """Whether an output element depends on its own input element alone, or on the whole tensor."""

    POINTWISE = "pointwise"
    CONTEXTUAL = "contextual"


@dataclass(frozen=True)
class Program:
    """What a file of the language means.

    Attributes:
        name: the activation's name.
        inputs: names of the tensors it takes: ``x``, or ``x`` and ``gate`` for a gated unit. All
            have one shape, which is the output's.
        params: its learnable parameters, in the order of declaration, used or not.
        body: the output at one element, over ``input`` and ``param`` leaves of those names.
        rationale: the comment above the activation, without the ``#``.
        text: the canonical source.
    """

    name: str
    inputs: tuple[str, ...]
    params: tuple[Param, ...]
    body: Node
    rationale: str = ""
    text: str = ""

    @cached_property
    def expanded(self) -> Node:
        """The body with every call replaced by the called function's body."""
        return expand(self.body)

    @cached_property
    def kind(self) -> Kind:
        """Pointwise or contextual."""
        ops = (TABLE.get(n.op) for n in topological([self.expanded]))
        contextual = any(op is not None and op.contextual for op in ops)
        return Kind.CONTEXTUAL if contextual else Kind.POINTWISE
