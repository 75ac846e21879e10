"""The intermediate representation: an immutable, interned, typed graph of nodes.

Two nodes with the same operator, arguments and attribute are one object, so equality is
identity, sharing costs nothing and a pass can memoise on the node itself.
"""

from __future__ import annotations

import enum
import hashlib
import math
import struct
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakValueDictionary


class Type(enum.Enum):
    """What a node stands for at one element: a real number or a truth value."""

    REAL = "real"
    BOOL = "bool"


REAL, BOOL = Type.REAL, Type.BOOL


@dataclass(frozen=True, slots=True)
class Param:
    """A learnable number, or one per channel, with its initial value and optional bounds."""

    name: str
    initial: float
    lower: float | None = None
    upper: float | None = None
    per_channel: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds as numbers, infinite where there is none."""
        lower = -math.inf if self.lower is None else self.lower
        return lower, math.inf if self.upper is None else self.upper


@dataclass(frozen=True, slots=True)
class Function:
    """A named function of the language: what a ``call`` node calls.

    The definition travels inside the node, so that a graph needs no table beside it.
    """

    name: str
    inputs: tuple[Node, ...]
    body: Node


Attribute: TypeAlias = "float | bool | int | str | Param | Function | None"
Operand: TypeAlias = "Node | float | int"


class Node:
    """One operation. Make nodes with :func:`node`, never with the class.

    Attributes:
        op: name of a row of the op table, or one of the leaves ``const``, ``input``, ``param``,
            or ``call``.
        args: operands.
        attr: what the operands do not say (a constant's value, an input's name, a reduction's axis).
        type: real or truth value.
        key: 16 bytes that depend on the structure alone; equal in every process.
    """

    __slots__ = ("__weakref__", "args", "attr", "key", "op", "type")

    op: str
    args: tuple[Node, ...]
    attr: Attribute
    type: Type
    key: bytes

    def __repr__(self) -> str:
        inner = ", ".join(
            [*map(repr, self.args), *([] if self.attr is None else [repr(self.attr)])]
        )
        return f"{self.op}({inner})"

    def __reduce__(self) -> tuple[object, ...]:
        return node, (self.op, self.args, self.attr, self.type)

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, memo: object) -> Node:
        return self

    def __bool__(self) -> bool:
        raise TypeError("an IR node has no truth value; use where(condition, a, b)")

    # Arithmetic, so that derivative rows and rewrite rules read as mathematics.
    def __add__(self, other: Operand) -> Node:
        return node("add", (self, as_node(other)))

    def __radd__(self, other: Operand) -> Node:
        return node("add", (as_node(other), self))

    def __sub__(self, other: Operand) -> Node:
        return node("sub", (self, as_node(other)))

    def __rsub__(self, other: Operand) -> Node:
        return node("sub", (as_node(other), self))

    def __mul__(self, other: Operand) -> Node:
        return node("mul", (self, as_node(other)))

    def __rmul__(self, other: Operand) -> Node:
        return node("mul", (as_node(other), self))

    def __truediv__(self, other: Operand) -> Node:
        return node("div", (self, as_node(other)))

    def __rtruediv__(self, other: Operand) -> Node:
        return node("div", (as_node(other), self))

    def __pow__(self, other: Operand) -> Node:
        return node("pow", (self, as_node(other)))

    def __rpow__(self, other: Operand) -> Node:
        return node("pow", (as_node(other), self))

    def __neg__(self) -> Node:
        return node("neg", (self,))

    def __lt__(self, other: Operand) -> Node:
        return node("lt", (self, as_node(other)), type=BOOL)

    def __le__(self, other: Operand) -> Node:
        return node("le", (self, as_node(other)), type=BOOL)

    def __gt__(self, other: Operand) -> Node:
        return node("gt", (self, as_node(other)), type=BOOL)

    def __ge__(self, other: Operand) -> Node:
        return node("ge", (self, as_node(other)), type=BOOL)


_interned: WeakValueDictionary[bytes, Node] = WeakValueDictionary()
_lock = threading.Lock()


def node(op: str, args: tuple[Node, ...] = (), attr: Attribute = None, type: Type = REAL) -> Node:
    """The one node with this operator, these arguments and this attribute."""
    key = _structural_key(op, args, attr, type)
    with _lock:
        found = _interned.get(key)
        if found is None:
            found = object.__new__(Node)
            found.op, found.args, found.attr, found.type, found.key = op, args, attr, type, key
            _interned[key] = found
    return found


def const(value: float | bool) -> Node:
    """A real or boolean constant."""
    if isinstance(value, bool):
        return node("const", attr=value, type=BOOL)
    return node("const", attr=float(value))


def input(name: str) -> Node:
    """A tensor that the activation is applied to, seen at one element."""
    return node("input", attr=name)


def param(spec: Param) -> Node:
    """A learnable parameter."""
    return node("param", attr=spec)


def call(function: Function, args: tuple[Node, ...]) -> Node:
    """A call of a function of the language; :func:`actdsl.expand.expand` puts the body in its place."""
    return node("call", args, function, function.body.type)


def as_node(value: Operand) -> Node:
    """A number as a constant node; a node as it is."""
    return value if isinstance(value, Node) else const(float(value))


def constant(value: Node) -> float | None:
    """The number that a real constant holds, or None for every other node."""
    return value.attr if value.op == "const" and isinstance(value.attr, float) else None


def topological(roots: Iterable[Node], known: Collection[Node] = ()) -> list[Node]:
    """Each node reachable from the roots, once, operands before their users.

    Nodes in ``known`` are left out, and so is what only they need.
    """
    order: list[Node] = []
    seen: set[Node] = set(known)
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        current, ready = stack.pop()
        if ready:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args) if arg not in seen)
    return order


def transform(root: Node, rule: Callable[[Node], Node | None]) -> Node:
    """Rewrite from the leaves up: ``rule`` sees a node with new operands; None means no change."""
    done: dict[Node, Node] = {}
    for current in topological([root]):
        args = tuple(done[arg] for arg in current.args)
        same = (
            current if args == current.args else node(current.op, args, current.attr, current.type)
        )
        changed = rule(same)
        done[current] = same if changed is None else changed
    return done[root]


def substitute(root: Node, replacement: Mapping[Node, Node]) -> Node:
    """The graph with some of its nodes replaced by others."""
    return transform(root, replacement.get)


def leaves(roots: Iterable[Node], op: str) -> list[Node]:
    """The ``input`` or ``param`` leaves below the roots, in order of first use."""
    return [n for n in topological(roots) if n.op == op]


def _structural_key(op: str, args: tuple[Node, ...], attr: Attribute, type: Type) -> bytes:
    digest = hashlib.blake2b(f"{op}:{type.value}:{len(args)}:".encode(), digest_size=16)
    for arg in args:
        digest.update(arg.key)
    digest.update(_attribute_bytes(attr))
    return digest.digest()


def _attribute_bytes(attr: Attribute) -> bytes:
    if isinstance(attr, Function):
        parts = [attr.name.encode(), *(n.key for n in attr.inputs), attr.body.key]
        return b"function:" + b"/".join(parts)
    if isinstance(attr, float):  # by bits: 0.0 and -0.0 differ, and every NaN is one NaN
        return b"float:" + struct.pack("<d", attr if attr == attr else float("nan"))
    return repr(attr).encode()
