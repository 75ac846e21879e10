"""What a run may spend, and what it has spent: looked at before every proposal is paid for."""

from __future__ import annotations

import time
from collections.abc import Callable

from actdsl.evolve.proposers import Proposal
from actdsl.evolve.settings import Settings

Clock = Callable[[], float]
"""Seconds, from some moment on."""


class Budget:
    """The ledger of one process that works on a run.

    Args:
        settings: with the limits.
        before: seconds that earlier processes spent on the run.
        clock: what tells the time.
    """

    def __init__(
        self, settings: Settings, before: float = 0.0, clock: Clock = time.monotonic
    ) -> None:
        self._settings, self._before, self._clock = settings, before, clock
        self._start = clock()
        self._settled = 0
        self.tokens, self.usd = 0, 0.0
        self._most_tokens, self._most_usd = 0, 0.0

    @property
    def seconds(self) -> float:
        """What this process has spent."""
        return self._clock() - self._start

    def paid(self, proposal: Proposal) -> None:
        """Take note of what a proposal cost, of an earlier process as well."""
        cost = proposal.cost
        self.tokens += cost.tokens
        self.usd += cost.usd
        self._most_tokens = max(self._most_tokens, cost.tokens)
        self._most_usd = max(self._most_usd, cost.usd)

    def settled(self) -> None:
        """Take note of an evaluation that this process has waited for."""
        self._settled += 1

    def exhausted(self, in_flight: int, asked: int) -> str:
        """Which limit the next proposal would break, in words; empty if none.

        A proposal is expected to cost as much as the dearest so far, each of those being asked for
        as well, and what is in flight to be settled at the usual rate.
        """
        limits, more = self._settings, asked + 1
        if limits.tokens is not None and self.tokens + more * self._most_tokens > limits.tokens:
            return f"the tokens: {self.tokens} of {limits.tokens} are spent"
        if limits.usd is not None and self.usd + more * self._most_usd > limits.usd:
            return f"the money: {self.usd:.4g} of {limits.usd:g} USD are spent"
        if limits.minutes is not None:
            rest = (in_flight + asked) * self.seconds / self._settled if self._settled else 0.0
            if self._before + self.seconds + rest >= 60 * limits.minutes:
                return f"the time: {limits.minutes:g} minutes"
        return ""
