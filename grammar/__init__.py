"""What text means: the language's grammar, its parser and its diagnostics."""

from actdsl.grammar.catalog import explain
from actdsl.grammar.concerns import domain_warnings, over_budget
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.parsed import Parsed, format_text, parse
from actdsl.grammar.prelude import PRELUDE
from actdsl.grammar.render import as_json, render
from actdsl.grammar.source import decode, read_source
from actdsl.grammar.source_error import SourceError
from actdsl.grammar.span import Span
from actdsl.grammar.unparse import unparse

__all__ = [
    "PRELUDE",
    "Diagnostic",
    "Parsed",
    "SourceError",
    "Span",
    "as_json",
    "decode",
    "domain_warnings",
    "explain",
    "format_text",
    "over_budget",
    "parse",
    "read_source",
    "render",
    "unparse",
]
