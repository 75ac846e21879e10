"""Where in the source something stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source text: lines and columns count from 1, the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of the other."""
        return Span(self.line, self.column, other.end_line, other.end_column)

    @property
    def end(self) -> Span:
        """The column directly behind it."""
        return Span(self.end_line, self.end_column, self.end_line, self.end_column + 1)


NOWHERE = Span(1, 1, 1, 1)
"""The span of what no source text stands for."""
