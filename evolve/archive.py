"""Everything settled so far, best first."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from itertools import takewhile

from actdsl.evolve.candidate import Candidate, Status


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

    def retested(self, candidate: Candidate) -> None:
        """Take in the score on fresh seeds of one that is there already."""
        if candidate.is_reference:
            numbers = [c.number for c in self.references]
            self.references[numbers.index(candidate.number)] = candidate
        else:
            self.ranked = [c for c in self.ranked if c.number != candidate.number]
            self.add(candidate)

    def known(self, candidate: Candidate) -> Candidate:
        """A candidate that was added, by its number, as it stands."""
        everyone = self.references if candidate.is_reference else self.ranked
        return next(c for c in everyone if c.number == candidate.number)

    @property
    def challengers(self) -> list[Candidate]:
        """Those ahead of the best that were not re-tested yet, best first."""
        trained = (c for c in self.ranked if c.status is Status.EVALUATED)
        return list(takewhile(lambda c: c.retest is None, trained))

    @property
    def evaluated(self) -> int:
        """How many were paid for."""
        return len(self.ranked)

    @property
    def best(self) -> Candidate | None:
        """The candidate of least ratio among those that fresh seeds have confirmed."""
        return next((c for c in self.ranked if c.retest is not None), None)

    @property
    def in_order(self) -> list[Candidate]:
        """Those paid for, in order of proposal."""
        return sorted(self.ranked, key=lambda c: c.number)

    def lineage(self, candidate: Candidate) -> list[Candidate]:
        """A candidate and all its ancestors that were paid for, the youngest first."""
        everyone = {c.number: c for c in self.ranked}
        found, waiting = {}, [candidate.number]
        while waiting:
            number = waiting.pop()
            if number in everyone and number not in found:
                found[number] = everyone[number]
                waiting.extend(found[number].parents)
        return [found[number] for number in sorted(found, reverse=True)]
