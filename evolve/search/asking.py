"""Proposals in the order of their numbers, from the log or from whoever makes them.

A proposer that waits for a network is asked several times at once, in threads; others in this one,
where they take turns with the loop while the workers evaluate.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from actdsl.errors import ActdslError
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers import Context, GoneError, Proposal, Proposer
from actdsl.evolve.record.store import Store


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
        threads = 1 if proposer is None else proposer.at_once
        self.at_once: int = store.fact("at_once") or threads
        store.state("at_once", self.at_once)
        self._threads = ThreadPoolExecutor(threads) if threads > 1 else None
        self._waiting: deque[tuple[int, Future[Proposal]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_over(self) -> bool:
        """Whether nobody can be asked."""
        return self._proposer is None

    def found(self, number: int, proposal: Proposal) -> None:
        """Take a proposal that was made earlier."""
        future: Future[Proposal] = Future()
        future.set_result(proposal)
        self._waiting.append((number, future))

    def ask(self, number: int, rng: np.random.Generator, context: Context) -> None:
        """Ask for one that is not in the log."""
        assert self._proposer is not None
        if self._threads is not None:
            self._waiting.append((number, self._threads.submit(self._ask, number, rng, context)))
            return
        future: Future[Proposal] = Future()
        try:
            future.set_result(self._ask(number, rng, context))
        except ActdslError as error:
            future.set_exception(error)
        self._waiting.append((number, future))

    def take(self) -> tuple[int, Proposal, str]:
        """The oldest, once it is there; and why there will be no more, if the proposer said so."""
        number, future = self._waiting.popleft()
        try:
            return number, future.result(), ""
        except GoneError as error:
            proposal = self._store.proposal(number)
            assert proposal is not None, "the end is in the log"
            return number, proposal, str(error)

    def tell(self, proposal: Proposal, candidate: Candidate) -> None:
        """Let the proposer know what became of a proposal."""
        if self._proposer is not None:
            self._proposer.tell(proposal, candidate)

    def close(self) -> None:
        """Wait for no more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, number: int, rng: np.random.Generator, context: Context) -> Proposal:
        """What is paid for is in the log before anything else can happen; so is the end."""
        assert self._proposer is not None
        try:
            proposal = self._proposer.ask(rng, context)
        except GoneError as error:
            gone = Proposal("", "none", proposer=self._proposer.name, failure=f"gone: {error}")
            self._store.log(number, gone)
            raise
        self._store.log(number, proposal)
        return proposal
