"""The emitter: graphs to lines of Python, by the op table's column for a target.

A value used once is written where it is used, as long as the line stays short; one used twice is
given a name. Order of evaluation is the graph's, so every target rounds in the same places.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from actdsl.ir import Node, topological
from actdsl.ops import TABLE, Unsupported

_LONGEST_INLINE = 72
_ATOM = 9
_CALL = re.compile(r"[\w.]+\(")
_PRECEDENCE = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 3}


def literal(value: float) -> str:
    """A float as Python source (which needs ``import math`` for infinities and NaN)."""
    if math.isnan(value):
        return "math.nan"
    if math.isinf(value):
        return "math.inf" if value > 0 else "-math.inf"
    return repr(value)


@dataclass(frozen=True)
class Dialect:
    """How a target writes things.

    Attributes:
        column: the op table's column.
        number: a constant as source text.
        argument: a constant where a function call, rather than an infix operator, takes it.
        respelled: what a cell becomes, where targets share a column but not every name in it.
        real: how an element of an array becomes a number to compute with.
        selects: whether both branches of a choice are computed before it, which lets a compiler
            turn the choice into a select instruction.
        own: cells of operators that are none of the table's.
    """

    column: str
    number: Callable[[float], str] = literal
    argument: Callable[[float], str] = literal
    respelled: Callable[[str], str] = str
    real: str = "np.float64"
    selects: bool = False
    own: Mapping[str, str] = field(default_factory=dict)

    def cell(self, op: str) -> str:
        """The table's cell for an operator; a ``ValueError`` says why there is none."""
        if op in self.own:
            return self.own[op]
        cell = getattr(TABLE[op], self.column)
        if isinstance(cell, Unsupported):
            raise ValueError(f"{op} has no {self.column} spelling: {cell.why}")
        return self.respelled(str(cell))


class Emitter:
    """Writes the lines that compute some roots, given names for the leaves."""

    def __init__(self, dialect: Dialect, names: Mapping[Node, str], prefix: str = "t") -> None:
        """``names`` says what each input, parameter and already computed node is called."""
        self.lines: list[str] = []
        self._dialect = dialect
        self._prefix = prefix
        self._text: dict[Node, tuple[str, int]] = {n: (name, _ATOM) for n, name in names.items()}

    def values(self, roots: Sequence[Node]) -> list[str]:
        """Append the lines that compute the roots; return an expression for each."""
        order = topological(roots, known=self._text)
        uses = Counter(arg for n in order for arg in self._written(n))
        for current in order:
            text, precedence = self._expression(current)
            worth_a_name = current.op not in ("const", "neg") and bool(current.args)
            if worth_a_name and (uses[current] > 1 or len(text) > _LONGEST_INLINE):
                name = f"{self._prefix}{len(self.lines)}"
                self.lines.append(f"{name} = {text}")
                text, precedence = name, _ATOM
            self._text[current] = (text, precedence)
        return [self._text[root][0] for root in roots]

    def _written(self, user: Node) -> list[Node]:
        """The operands that a node's text holds, as often as it holds them."""
        if not user.args:
            return []
        if user.op == "where" and self._dialect.selects:
            return [arg for arg in user.args for _ in range(2)]
        cell = self._dialect.cell(user.op)
        return [arg for i, arg in enumerate(user.args) for _ in range(cell.count(f"{{{i}}}"))]

    def _expression(self, current: Node) -> tuple[str, int]:
        if current.op == "const":
            return self._constant(current, self._dialect.number)
        cell = self._dialect.cell(current.op)
        precedence = _ATOM if _CALL.match(cell) else _PRECEDENCE.get(current.op, _ATOM)
        operands = []
        for position, arg in enumerate(current.args):
            text, strength = self._text[arg]
            if arg.op == "const" and not cell.startswith(("(", "{")):
                text, strength = self._constant(arg, self._dialect.argument)
            needed = precedence + (position == 1) if precedence != _ATOM else _ATOM
            alone = re.search(rf"[(,] ?\{{{position}\}}[,)]", cell) is not None
            operands.append(text if alone or strength >= needed else f"({text})")
        return cell.format(*operands, axis=repr(current.attr)), precedence

    @staticmethod
    def _constant(current: Node, write: Callable[[float], str]) -> tuple[str, int]:
        if isinstance(current.attr, bool):
            return str(current.attr), _ATOM
        assert isinstance(current.attr, float)
        text = write(current.attr)
        return text, _PRECEDENCE["neg"] if text.startswith("-") else _ATOM
