"""A function that is written in the language."""

from __future__ import annotations

from dataclasses import dataclass

from actdsl.ir import Function


@dataclass(frozen=True, slots=True)
class Definition:
    """What ``def`` makes, in a file or in the prelude.

    Attributes:
        function: what ``call`` nodes carry.
        defaults: those of its last arguments, which a call may leave out.
        doc: the comment above it, without the ``#``.
        size: an upper bound of the nodes of its body with every call expanded.
        depth: 1, or one more than the deepest definition that it calls.
    """

    function: Function
    defaults: tuple[float, ...]
    doc: str
    size: int
    depth: int

    @property
    def required(self) -> int:
        """How many arguments a call must give."""
        return len(self.function.inputs) - len(self.defaults)

    @property
    def signature(self) -> str:
        """The head of the definition: ``elu(x, alpha = 1)``."""
        names = [str(leaf.attr) for leaf in self.function.inputs]
        optional = zip(names[self.required :], self.defaults, strict=True)
        formals = names[: self.required] + [f"{name} = {value:g}" for name, value in optional]
        return f"{self.function.name}({', '.join(formals)})"
