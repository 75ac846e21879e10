"""Proposals in the order of their numbers, from the log or from whoever makes them.

A proposer that waits for a network is asked several times at once, in threads; others in this one,
where they take turns with the loop while the workers evaluate.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from threading import Thread

import numpy as np

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers import Context, Cost, GoneError, Proposal, Proposer
from actdsl.evolve.record.store import Store

GRACE = 2.0
"""Seconds in which an answer that is nearly there may still come into the log."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A proposal to come, by its number, and what it costs at most."""

    number: int
    proposal: Future[Proposal]
    most: Cost


class Asking:
    """The proposals that are being waited for.

    Args:
        proposer: who is asked; None if the log has all there will be.
        store: with the log.

    Attributes:
        at_once: how many are waited for at a time. What the run was begun with, since the order of
            things depends on it, also where nobody is asked.
    """

    def __init__(self, proposer: Proposer | None, store: Store) -> None:
        self._proposer, self._store = proposer, store
        self._in_threads = proposer is not None and proposer.at_once > 1
        self.at_once: int = store.fact("at_once") or (proposer.at_once if proposer else 1)
        store.state("at_once", self.at_once)
        self._threads: list[Thread] = []
        self._awaited: deque[Awaited] = deque()

    def __len__(self) -> int:
        return len(self._awaited)

    @property
    def is_over(self) -> bool:
        """Whether nobody can be asked."""
        return self._proposer is None

    @property
    def costs(self) -> list[Cost]:
        """What those that are waited for may cost, at most."""
        return [awaited.most for awaited in self._awaited]

    def most(self, context: Context) -> Cost:
        """What one more may cost."""
        return Cost() if self._proposer is None else self._proposer.most(context)

    def found(self, number: int, proposal: Proposal) -> None:
        """Take a proposal that was made earlier."""
        future: Future[Proposal] = Future()
        future.set_result(proposal)
        self._awaited.append(Awaited(number, future, proposal.cost))

    def ask(self, number: int, rng: np.random.Generator, context: Context, most: Cost) -> None:
        """Ask for one that is not in the log, and may cost so much."""
        future: Future[Proposal] = Future()
        self._awaited.append(Awaited(number, future, most))
        if not self._in_threads:
            self._answer(future, number, rng, context)
            return
        # Nobody waits for these threads where the process ends, as a pool's would be waited for.
        thread = Thread(target=self._answer, args=(future, number, rng, context), daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def take(self, seconds: float | None = None) -> tuple[int, Proposal, str]:
        """The oldest, once it is there; and why there will be no more, if the proposer said so.

        Raises:
            TimeoutError: it was not there after so many seconds.
        """
        awaited = self._awaited[0]
        if not wait([awaited.proposal], seconds).done:
            raise TimeoutError
        self._awaited.popleft()
        try:
            return awaited.number, awaited.proposal.result(), ""
        except GoneError as error:
            proposal = self._store.proposal(awaited.number)
            assert proposal is not None, "the end is in the log"
            return awaited.number, proposal, str(error)

    def tell(self, proposal: Proposal, candidate: Candidate) -> None:
        """Let the proposer know what became of a proposal."""
        if self._proposer is not None:
            self._proposer.tell(proposal, candidate)

    def forget(self) -> None:
        """Wait for none of them: what comes yet is in the log, and no candidate of this search."""
        self._awaited.clear()

    def close(self) -> None:
        """Let those who are being asked go, and wait a little for what they have."""
        if self._proposer is not None:
            self._proposer.close()
        until = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _answer(
        self, future: Future[Proposal], number: int, rng: np.random.Generator, context: Context
    ) -> None:
        try:
            future.set_result(self._ask(number, rng, context))
        except Exception as error:  # it comes up again where it is taken
            future.set_exception(error)

    def _ask(self, number: int, rng: np.random.Generator, context: Context) -> Proposal:
        """What is paid for is in the log before anything else can happen; so is the end."""
        assert self._proposer is not None
        try:
            proposal = self._proposer.ask(rng, context)
        except GoneError as error:
            last = error.last or Proposal("", "none", proposer=self._proposer.name)
            self._store.log(number, replace(last, text="", failure=f"gone: {error}"))
            raise
        self._store.log(number, proposal)
        return proposal
