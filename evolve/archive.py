"""Everything settled so far, best first, and who of it becomes a parent."""

from __future__ import annotations

from bisect import insort
from collections import Counter

import numpy as np

from actdsl.evolve.candidate import Candidate, Status

POPULATION = 24
"""How many of the best may be parents."""

TOURNAMENT = 3
"""How many of them are drawn for each parent, of which the best is taken."""


class Archive:
    """The settled candidates of a run.

    They may arrive in any order: what is selected depends on their ratios and numbers alone.

    Attributes:
        ranked: those paid for, best first; of equals the older first.
        references: activations evaluated for comparison.
        refusals: how many were refused, by kind.
    """

    def __init__(self) -> None:
        self.ranked: list[Candidate] = []
        self.references: list[Candidate] = []
        self.refusals: Counter[str] = Counter()

    def add(self, candidate: Candidate) -> None:
        """Take in a settled candidate."""
        if candidate.status is Status.REFUSED:
            self.refusals[candidate.reason.partition(":")[0]] += 1
        elif candidate.is_reference:
            self.references.append(candidate)
        else:
            insort(self.ranked, candidate, key=lambda c: (c.ratio, c.number))

    @property
    def evaluated(self) -> int:
        """How many were paid for."""
        return len(self.ranked)

    @property
    def best(self) -> Candidate | None:
        """The candidate of least ratio that could be evaluated."""
        return next((c for c in self.ranked if c.status is Status.EVALUATED), None)

    @property
    def in_order(self) -> list[Candidate]:
        """Those paid for, in order of proposal."""
        return sorted(self.ranked, key=lambda c: c.number)

    def parents(self, rng: np.random.Generator) -> list[Candidate]:
        """Two of the population, or its only member, each the winner of a tournament."""
        pool = self.ranked[:POPULATION]
        winners = []
        for _ in range(min(2, len(pool))):
            place = int(rng.integers(len(pool), size=TOURNAMENT).min())
            winners.append(pool.pop(place))
        return winners

    def lineage(self, candidate: Candidate) -> list[Candidate]:
        """A candidate and all its ancestors, the youngest first."""
        everyone = {c.number: c for c in self.ranked}
        found, waiting = {}, [candidate.number]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found[number] = everyone[number]
                waiting.extend(found[number].parents)
        return [found[number] for number in sorted(found, reverse=True)]
