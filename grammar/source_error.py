"""The exception that carries diagnostics."""

from __future__ import annotations

from actdsl.errors import ActdslError
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.render import render


class SourceError(ActdslError):
    """A source text without a meaning; ``str()`` shows every diagnostic beside its source line."""

    def __init__(
        self, diagnostics: tuple[Diagnostic, ...], source: str = "", filename: str = "<text>"
    ) -> None:
        super().__init__(diagnostics, source, filename)
        self.diagnostics = diagnostics
        self.source = source
        self.filename = filename

    def __str__(self) -> str:
        return render(self.diagnostics, self.source, self.filename)
