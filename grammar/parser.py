"""From text to syntax tree, past every mistake on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lark import Token

from actdsl.grammar import limits
from actdsl.grammar.builder import span_of
from actdsl.grammar.comments import attach
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.lexer import lex
from actdsl.grammar.place import ITEMS, STATEMENTS, Open, Place
from actdsl.grammar.slips import recognise
from actdsl.grammar.stack import Stack
from actdsl.grammar.tree import (
    Activation,
    Def,
    File,
    Item,
    Return,
    Statement,
    expressions,
    height,
)

_BEGINNINGS = STATEMENTS | ITEMS | {"$END"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a text.

    Attributes:
        file: the tree, without the statements that could not be read.
        diagnostics: why they could not.
        lost: the names that those statements would have declared, and the keywords ``return`` and
            ``activation`` for those that declare none. Nothing should be said of their absence.
    """

    file: File
    diagnostics: tuple[Diagnostic, ...]
    lost: frozenset[str]


def read(text: str) -> Reading:
    """The syntax tree of a text with ``\\n`` line ends."""
    return _Reader(text).read()


class _Reader:
    """A text being read.

    ``pending`` are the tokens not yet read, the next one last; ``troubled`` is the one at which a
    mistake was last found, for a second one there is the same one.
    """

    def __init__(self, text: str) -> None:
        lexed = lex(text)
        self.comments = lexed.comments
        self.diagnostics = [*lexed.diagnostics]
        self.pending = [*reversed(lexed.tokens)]
        self.stack = Stack()
        self.lost: set[str] = set()
        self.open: list[Open] = []
        self.previous: Token | None = None
        self.troubled: Token | None = None

    def read(self) -> Reading:
        end = self.pending[0]
        mistakes = 0
        while self.previous is not end:
            token = self.pending.pop()
            if self._feed(token):
                continue
            mistakes += 1
            if mistakes > limits.ERRORS_READ:
                self.lost |= {"return", "activation"}
                self.pending = [self.pending[0]] if self.pending else []
                self.troubled = token
            self._amend(token)
        file = attach(self._without_tall(self.stack.file), self.comments)
        return Reading(file, tuple(self.diagnostics), frozenset(self.lost))

    def _feed(self, token: Token) -> bool:
        """Lets the parser read a token; False if it cannot."""
        if not self.stack.feed(token):
            return False
        if token.type in ("LPAR", "LSQB"):
            named = self.previous is not None and self.previous.type == "NAME"
            self.open.append(Open(token, str(self.previous) if named else ""))
        elif token.type in ("RPAR", "RSQB") and self.open:
            self.open.pop()
        self.previous = token
        if len(self.open) > limits.PARENTHESES:
            message = f"more than {limits.PARENTHESES} parentheses are open here"
            self._refuse("E0502", message, token)
        elif len(self.stack) > limits.PARSER_STACK:
            self._refuse("E0503", "this expression is nested too deeply to read", token)
        return True

    def _refuse(self, code: str, message: str, token: Token) -> None:
        help = "name a part of the expression with `let`"
        self.diagnostics.append(Diagnostic(code, message, span_of(token), help=help))
        self._give_up(token)

    def _amend(self, token: Token) -> None:
        """Says what is wrong at a token that the parser refused, and reads on from there."""
        if token is self.troubled:
            self._give_up(token)
            return
        self.troubled = token
        place = Place(
            token, self.previous, self.pending, self.open, self.stack.statement, self.stack.accepts
        )
        slip = recognise(place)
        self.diagnostics.append(slip.diagnostic)
        if slip.instead is None:
            self._give_up(token)
            return
        if slip.undo:
            self.stack.pop()
            self.previous = None
        if slip.drop == 0:
            self.pending.append(token)
        else:
            del self.pending[len(self.pending) - slip.drop + 1 :]
        for type, text in slip.instead:
            if not self._feed(Token.new_borrow_pos(type, text, token)):
                self._give_up(token)
                return

    def _give_up(self, token: Token) -> None:
        """Forgets the statement that the parser is in, and skips to one that it can read."""
        lost = self.stack.abandon()
        if lost is not None:
            self.lost.add(lost)
        elif not self.stack.statement:  # what stands outside of all items may be meant as one
            self.lost.add("activation")
        self.open.clear()
        if token.type in _BEGINNINGS and (not self.pending or self.pending[-1] is not token):
            self.pending.append(token)
        while not self._resumes_at(self.pending[-1]):
            self.pending.pop()

    def _resumes_at(self, token: Token) -> bool:
        return token.type in _BEGINNINGS and token.type in self.stack.accepts()

    def _without_tall(self, file: File) -> File:
        """The tree without the statements that hold a taller expression than the limit allows."""
        items: list[Item] = []
        for item in file.items:
            if isinstance(item, Activation):
                statements = tuple(s for s in item.statements if not self._is_tall(s))
                items.append(replace(item, statements=statements))
            elif not self._is_tall(item):
                items.append(item)
        return File(tuple(items))

    def _is_tall(self, part: Def | Statement) -> bool:
        for expression in expressions(part):
            if height(expression) > limits.HEIGHT:
                message = f"more than {limits.HEIGHT} operators lie one upon another here"
                help = "name a part of the expression with `let`"
                self.diagnostics.append(Diagnostic("E0503", message, expression.span, help=help))
                self.lost.add("return" if isinstance(part, Return) else part.name.text)
                return True
        return False
