"""In what forms functions are called: how many arguments, of which types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from actdsl.grammar.names import OPERATORS
from actdsl.grammar.prelude import PRELUDE
from actdsl.grammar.shapes import Chars, Shape, one_of, optional, row
from actdsl.ir import REAL, Type
from actdsl.ops import AXES, TABLE


@dataclass(frozen=True, slots=True)
class Form:
    """One form of call.

    Attributes:
        name: of the rule that gives the functions that can be called so.
        types: those of the arguments.
        tail: what follows them, up to the parenthesis that closes.
    """

    name: str
    types: tuple[Type, ...]
    tail: Shape


_STATISTIC = Form("name-statistic", (REAL,), optional(", ", one_of(*AXES[1:])))
_SHIFT = Form("name-shift", (REAL,), row(", ", optional("-"), Chars("1-9", 1, 1)))


def forms(
    functions: Collection[str] | None = None, contextual: bool = False
) -> Mapping[Form, Collection[str]]:
    """Every form, with the functions that take it.

    Args:
        functions: those that count; all that the language has, if None.
        contextual: whether statistics of the tensor do.
    """
    found: dict[Form, list[str]] = {}
    for name in (*(name for name in TABLE if name in OPERATORS), *PRELUDE):
        wanted = functions is None or name in functions
        if wanted and (contextual or name not in TABLE or not TABLE[name].contextual):
            for form in _forms_of(name):
                found.setdefault(form, []).append(name)
    return found


def _forms_of(name: str) -> Iterator[Form]:
    if name in TABLE:
        op = TABLE[name]
        if op.contextual:
            yield _SHIFT if name == "shift" else _STATISTIC
            return
        yield _plain(op.operands)
        if op.variadic:
            yield _plain((*op.operands, op.operands[-1]))
        return
    definition = PRELUDE[name]
    for count in range(definition.required, len(definition.function.inputs) + 1):
        yield _plain((REAL,) * count)


def _plain(types: tuple[Type, ...]) -> Form:
    name = "-".join(["name", *(type.name.lower() for type in types)])
    return Form(name, types, row())
