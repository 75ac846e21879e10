"""An activation in one line."""

from __future__ import annotations

from actdsl.grammar import parse
from actdsl.program import Kind

_LET = "let "
_RETURN = "return "


def formula(text: str) -> str:
    """The statements of a canonical source text, without comments: ``let``s first, then the result.

    ``t1 = tanh(x); t1 * (1 + t1)``
    """
    code = [line.partition("#")[0].strip() for line in text.splitlines()]
    statements = [line for line in code if line and not line.startswith("activation ")]
    return "; ".join(s.removeprefix(_LET).removeprefix(_RETURN) for s in statements)


def marked(text: str) -> str:
    """The same, with a mark at an activation that looks at more than its own element."""
    contextual = parse(text).program.kind is Kind.CONTEXTUAL
    return formula(text) + ("  (looks at the whole tensor)" if contextual else "")
