"""The end of a proposer."""

from __future__ import annotations

from actdsl.errors import ActdslError
from actdsl.evolve.proposers.proposal import Proposal


class GoneError(ActdslError):
    """A proposer that will not answer again, and why, in one line.

    Attributes:
        last: what it was asked and what that cost, where something was.
    """

    def __init__(self, reason: str, last: Proposal | None = None) -> None:
        super().__init__(reason)
        self.last = last
