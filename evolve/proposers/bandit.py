"""Several proposers, of which a bandit chooses by what they yield for what they cost."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from threading import Lock

import numpy as np

from actdsl.errors import ActdslError
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.gone import GoneError
from actdsl.evolve.proposers.proposal import Cost, Proposal
from actdsl.evolve.proposers.proposer import Proposer

SECONDS_PER_USD = 3600.0
"""What a dollar counts as: an hour of this machine."""

_MEMORY = 60
"""Results of an arm that count: what paid at the start need not pay now."""

_TRIALS = 3
"""Results that an arm has before it can be judged."""

_LEAST_SECONDS = 1e-3


@dataclass
class Arm:
    """One proposer, and its latest results as (was it of use, seconds).

    The lock is for those that bear one thread at a time.
    """

    proposer: Proposer
    results: deque[tuple[bool, float]] = field(default_factory=lambda: deque(maxlen=_MEMORY))
    gone: str = ""
    lock: Lock = field(default_factory=Lock)

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        if self.proposer.at_once > 1:
            return self.proposer.ask(rng, context)
        with self.lock:
            return self.proposer.ask(rng, context)

    def draw(self, rng: np.random.Generator) -> float:
        """Uses per second, drawn from what its results leave possible (Thompson, 1933)."""
        uses = sum(use for use, _ in self.results)
        seconds = sum(seconds for _, seconds in self.results)
        rate = rng.beta(1 + uses, 1 + len(self.results) - uses)
        return float(rate * len(self.results) / max(seconds, _LEAST_SECONDS))


class Bandit:
    """Asks one of several proposers: the better it does for the time it takes, the oftener.

    A proposal is of use if it was evaluated and came out better than the median of those before.
    What it took is proposing and evaluating, in seconds, and dollars turned into seconds. All that
    it knows it was told, so from the same log it goes on in the same way.

    Args:
        proposers: at least one.

    Raises:
        ActdslError: two have one name, by which what became of a proposal finds who made it.
    """

    def __init__(self, proposers: Sequence[Proposer]) -> None:
        names = [proposer.name for proposer in proposers]
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise ActdslError(
                f"two proposers are called {twice[0]}, and logs could not tell them apart"
            )
        self._arms = {proposer.name: Arm(proposer) for proposer in proposers}
        self._ratios: list[float] = []
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The proposers' names."""
        return ",".join(self._arms)

    @property
    def at_once(self) -> int:
        """As many as one of them bears; others are asked one after another."""
        return max(arm.proposer.at_once for arm in self._arms.values())

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        """A proposal of the arm drawn, or of the next one if that has none left to give.

        The last of an arm that was paid for is a proposal too.
        """
        troubles: list[str] = []
        while True:
            with self._lock:
                arm = self._drawn(rng)
            try:
                proposal = arm.ask(rng, context)
            except GoneError as error:
                arm.gone = str(error)
                troubles.append(f"gone: {error}")
                if error.last is None:
                    continue
                proposal = replace(error.last, text="", failure=troubles[-1])
            if troubles:
                return replace(proposal, troubles=(*troubles, *proposal.troubles))
            return proposal

    def most(self, context: Context) -> Cost:
        """What the dearest of those that are not gone may cost."""
        costs = [arm.proposer.most(context) for arm in self._arms.values() if not arm.gone]
        return Cost(
            max((cost.tokens for cost in costs), default=0),
            max((cost.usd for cost in costs), default=0.0),
        )

    def close(self) -> None:
        """Have none of them keep anybody waiting."""
        for arm in self._arms.values():
            arm.proposer.close()

    def tell(self, proposal: Proposal, candidate: Candidate) -> None:
        """Take note of what a proposal led to, and what it took."""
        arm = self._arms.get(proposal.proposer)
        if arm is None:  # a seed, or of a run that had others
            return
        cost = proposal.cost
        seconds = cost.seconds + SECONDS_PER_USD * cost.usd + candidate.seconds
        with self._lock:
            arm.results.append((self._was_of_use(candidate), seconds))
            if candidate.status is not Status.REFUSED:
                insort(self._ratios, candidate.ratio)
        arm.proposer.tell(proposal, candidate)

    def _was_of_use(self, candidate: Candidate) -> bool:
        if candidate.score is None:
            return False
        return not self._ratios or candidate.ratio < median(self._ratios)

    def _drawn(self, rng: np.random.Generator) -> Arm:
        arms = [arm for arm in self._arms.values() if not arm.gone]
        if not arms:
            raise GoneError("; ".join(arm.gone for arm in self._arms.values()))
        untried = [arm for arm in arms if len(arm.results) < _TRIALS]
        if untried:
            return untried[int(rng.integers(len(untried)))]
        return max(arms, key=lambda arm: arm.draw(rng))
