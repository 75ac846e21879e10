"""What a proposer is: something that, asked with parents at hand, writes a new activation."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.proposal import Cost, Proposal


class Proposer(Protocol):
    """Writes candidates: ask for one, and tell what became of it.

    What it draws comes from the generator that it is given, so that asked twice alike it answers
    twice alike, as far as that is in its hands; a model behind a network may not. Whatever it
    remembers, it remembers of what it was told, so a run that is gone on with, and told again what
    its log holds, finds it as it was.
    """

    @property
    def name(self) -> str:
        """What logs and reports call it."""
        ...

    @property
    def at_once(self) -> int:
        """How many threads may ask at a time; more than one of what waits, or computes outside Python."""
        ...

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        """A proposal, or, with ``failure`` set, what came instead of one.

        Raises:
            GoneError: there will be no more of them.
        """
        ...

    def most(self, context: Context) -> Cost:
        """What asking may cost at most, in tokens and dollars."""
        ...

    def tell(self, proposal: Proposal, candidate: Candidate) -> None:
        """Take note of what became of a proposal, once it is refused, failed or evaluated."""
        ...

    def close(self) -> None:
        """Have whoever waits in :meth:`ask` come back soon, as gone; nobody asks from now on."""
        ...


class Untold:
    """A proposer that costs nothing, learns nothing from what it is told, and keeps nobody waiting.

    It is asked in one thread.
    """

    at_once = 1

    def most(self, context: Context) -> Cost:  # noqa: ARG002
        """Nothing, whatever the context."""
        return Cost()

    def tell(self, proposal: Proposal, candidate: Candidate) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nobody waits."""
