"""A place where the parser stopped, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lark import Token

from actdsl.grammar.builder import span_of
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.foreign import Tokens
from actdsl.grammar.span import Span

STATEMENTS = frozenset({"PARAM", "LET", "RETURN"})
ITEMS = frozenset({"DEF", "ACTIVATION"})
KEYWORDS = STATEMENTS | ITEMS | {"IN", "PER", "CHANNEL", "AND", "OR", "NOT"}
EXPRESSIONS = frozenset({"NUMBER", "NAME", "LPAR"})


@dataclass(frozen=True, slots=True)
class Open:
    """A parenthesis that is open, and the function name before it, if any."""

    token: Token
    callee: str


@dataclass(frozen=True)
class Place:
    """Where the parser stopped.

    Attributes:
        token: what it cannot use.
        previous: the token before.
        ahead: the tokens after, the next one last.
        open: the parentheses open here, the innermost last.
        statement: type of the keyword of the item or statement begun and not ended.
        could_read: types of the tokens that it could use instead.
    """

    token: Token
    previous: Token | None
    ahead: Sequence[Token]
    open: Sequence[Open]
    statement: str
    could_read: Callable[[], frozenset[str]]

    @cached_property
    def accepts(self) -> frozenset[str]:
        """What ``could_read`` gives, which takes a while."""
        return self.could_read()

    def peek(self, distance: int = 1) -> Token | None:
        """The token so many places ahead."""
        return self.ahead[-distance] if distance <= len(self.ahead) else None

    def next_is(self, *types: str) -> bool:
        """Whether the next token is of one of these types."""
        following = self.peek()
        return following is not None and following.type in types

    @property
    def on_new_line(self) -> bool:
        """Whether the token begins a line."""
        return self.previous is None or self.previous.end_line != self.token.line

    @property
    def touches_previous(self) -> bool:
        """Whether nothing stands between the token and the one before."""
        return self.previous is not None and self.previous.end_pos == self.token.start_pos

    @property
    def behind(self) -> Span:
        """The column directly behind the token before."""
        return span_of(self.previous or self.token).end

    @property
    def after_expression(self) -> bool:
        """Whether an expression is complete here."""
        return "STAR" in self.accepts


@dataclass(frozen=True, slots=True)
class Slip:
    """A diagnosis, and how to read on.

    Attributes:
        diagnostic: what to say.
        instead: tokens (type, text) to read in place of what is dropped; None gives the whole
            statement up.
        drop: how many tokens to drop, from the unexpected one on.
        undo: whether to take back the token before it.
    """

    diagnostic: Diagnostic
    instead: Tokens | None = None
    drop: int = 1
    undo: bool = False


Recogniser = Callable[[Place], Slip | None]
"""Answers with a slip, or with None where it sees none of its kind."""
