"""What went wrong in a source text, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from actdsl.grammar.span import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a diagnostic points at, and what is to be seen there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake, or one thing worth a second look.

    Attributes:
        code: its name in the catalog, as ``E0302``.
        message: what is wrong, in one line.
        span: the place to look at.
        label: what is to be seen there, in a few words.
        help: a way out.
        related: other places that belong to it.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    help: str = ""
    related: tuple[Label, ...] = ()

    @property
    def severity(self) -> Severity:
        """``"error"`` or ``"warning"``, as the code's first letter says."""
        return "warning" if self.code.startswith("W") else "error"

    @property
    def is_error(self) -> bool:
        """Whether the source has no meaning while this stands."""
        return self.severity == "error"
