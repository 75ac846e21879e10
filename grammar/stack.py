"""The parser's stack: fed with tokens, looked into, and taken back to the last statement."""

from __future__ import annotations

from lark import Token, UnexpectedToken
from lark.parsers.lalr_analysis import Shift

from actdsl.grammar.lexer import lark
from actdsl.grammar.place import ITEMS, STATEMENTS
from actdsl.grammar.tree import File, Name


class Stack:
    """States and values of a parse under way.

    Attributes:
        file: the whole tree, once the end of the file has been read.
    """

    def __init__(self) -> None:
        self._cursor = lark().parse_interactive()
        self._states = self._cursor.parser_state.state_stack
        self._values = self._cursor.parser_state.value_stack
        self._table = self._cursor.parser_state.parse_conf
        self.file = File(())

    def __len__(self) -> int:
        return len(self._states)

    def feed(self, token: Token) -> bool:
        """Lets the parser read a token; False, and nothing is changed, if it cannot."""
        states, values = self._states[:], self._values[:]
        try:
            result = self._cursor.feed_token(token)
        except UnexpectedToken:  # perhaps after some reductions
            self._states[:], self._values[:] = states, values
            return False
        if token.type == "$END":
            self.file = result
        return True

    def accepts(self) -> frozenset[str]:
        """Types of the tokens that the parser could read next."""
        choices = self._table.states[self._states[-1]]
        return frozenset(type for type in choices if type.isupper() and self._could_read(type))

    @property
    def statement(self) -> str:
        """Type of the keyword of the item or statement that has been begun and not ended."""
        start = self._start_of_statement()
        return self._values[start].type if start is not None else ""

    def pop(self, symbols: int = 1) -> None:
        """Takes back the last symbols."""
        del self._values[len(self._values) - symbols :]
        del self._states[len(self._states) - symbols :]

    def abandon(self) -> str | None:
        """Takes back the item or statement that has been begun and not ended.

        Returns the name that it would have declared, or its keyword if it declares none that
        others can use.
        """
        start = self._start_of_statement()
        if start is None:
            return None
        values = self._values[start:]
        keyword = str(values[0])
        if keyword == "activation" and any(_is_colon(value) for value in values):
            return None  # its head is complete: the parser is between two of its statements
        self.pop(len(values))
        if keyword in ("activation", "return"):
            return keyword
        name = values[1] if len(values) > 1 else None
        return name.text if isinstance(name, Name) else str(name) if name else None

    def _start_of_statement(self) -> int | None:
        """Position of the last keyword whose item or statement has not been built."""
        for i in range(len(self._values) - 1, -1, -1):
            value = self._values[i]
            if isinstance(value, Token) and value.type in STATEMENTS | ITEMS:
                return i
        return None

    def _could_read(self, type: str) -> bool:
        """Follows the parse table as far as it reduces, on a stack of which only the top is copied.

        Lark's own ``accepts()`` copies the whole stack for every type.
        """
        depth, pushed = len(self._states), list[int]()
        while True:
            state = pushed[-1] if pushed else self._states[depth - 1]
            action, rule = self._table.states[state].get(type, (None, None))
            if action is None or action is Shift:
                return action is Shift
            size = len(rule.expansion)
            depth -= max(0, size - len(pushed))
            del pushed[max(0, len(pushed) - size) :]
            base = pushed[-1] if pushed else self._states[depth - 1]
            pushed.append(self._table.states[base][rule.origin.name][1])
            if type == "$END" and pushed[-1] == self._table.end_state:
                return True


def _is_colon(value: object) -> bool:
    return isinstance(value, Token) and value.type == "COLON"
