"""How large a source text and its parts may be. Each bound is a diagnostic, never a traceback."""

from __future__ import annotations

SOURCE_BYTES = 64 * 1024
LITERAL_CHARACTERS = 64
NAME_CHARACTERS = 64
PARAMS = 64

PARENTHESES = 64
"""Parentheses open at one place."""

HEIGHT = 200
"""Operators and calls on the longest way from an expression to one of its leaves."""

CALL_DEPTH = 64
"""Definitions that call definitions."""

NODES = 10_000
"""Operations after every call has been replaced by the body of what it calls."""

SHIFT = 4096
"""Places that ``shift`` may move a tensor."""

PARSER_STACK = 1_200
"""Symbols that the parser may hold back: what chains of prefix operators and powers grow."""

ERRORS_READ = 500
"""Mistakes after which the rest of a text is not read."""

ERRORS_SHOWN = 20
