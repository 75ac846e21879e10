"""What a run may spend, and what it has spent: looked at before every proposal is paid for."""

from __future__ import annotations

from collections.abc import Sequence

from actdsl.evolve.proposers import Cost, Proposal
from actdsl.evolve.record.session import Session
from actdsl.evolve.settings import Settings


class Budget:
    """The ledger of one process that works on a run.

    Args:
        settings: with the limits.
        session: what this process has spent of the time.
        before: seconds that earlier processes spent on the run.
    """

    def __init__(self, settings: Settings, session: Session, before: float = 0.0) -> None:
        self._settings, self._session, self._before = settings, session, before
        self._settled = 0
        self.spent = Cost()

    def paid(self, proposal: Proposal) -> None:
        """Take note of what a proposal cost, of an earlier process as well."""
        self.spent += proposal.cost

    def settled(self) -> None:
        """Take note of an evaluation that this process has waited for."""
        self._settled += 1

    def exhausted(self, in_flight: int, asked: Sequence[Cost], most: Cost) -> str:
        """Which limit one more proposal might break, in words; empty if none.

        It costs ``most`` at most, and each of those that are waited for what is said there; what is
        in flight is settled at the usual rate.
        """
        limits, spent = self._settings, self.spent
        worst = sum([*asked, most], spent)
        if limits.tokens is not None and worst.tokens > limits.tokens:
            rest = f"another proposal may take {most.tokens}"
            return f"the tokens: {spent.tokens} of {limits.tokens} are spent, and {rest}"
        if limits.usd is not None and worst.usd > limits.usd:
            rest = f"another proposal may take {most.usd:.4g}"
            return f"the money: {spent.usd:.4g} of {limits.usd:g} USD are spent, and {rest}"
        left = self.seconds_left(in_flight + len(asked))
        return self.time_is_over if left is not None and left <= 0 else ""

    def seconds_left(self, evaluations: int) -> float | None:
        """Until there is only time for so many evaluations; None where there is no limit."""
        if self._settings.minutes is None:
            return None
        seconds = self._session.seconds
        rest = evaluations * seconds / self._settled if self._settled else 0.0
        return 60 * self._settings.minutes - self._before - seconds - rest

    @property
    def time_is_over(self) -> str:
        """The limit on time, in words."""
        return f"the time: {self._settings.minutes:g} minutes"
