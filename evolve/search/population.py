"""Who becomes a parent: islands that breed apart, and the best of every niche.

All of it is read off the ranked candidates anew each time, since a re-test may move one of them.
The niches are a MAP-Elites grid (Mouret and Clune, arXiv:1504.04909).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actdsl.evolve.behaviour import Niche
from actdsl.evolve.candidate import Candidate

ISLAND = 12
"""How many of an island's best may be parents."""

GUESTS = 2
"""How many of the neighbouring island's best visit, so that what is good there spreads."""

TOURNAMENT = 3
"""How many are drawn for each parent, of which the best is taken."""


@dataclass(frozen=True)
class Population:
    """Selection among candidates.

    Args:
        islands: how many there are, in a ring.
        niches: the fraction of first parents that are the best of some niche.
    """

    islands: int
    niches: float

    def parents(
        self, rng: np.random.Generator, ranked: Sequence[Candidate], island: int
    ) -> tuple[list[Candidate], str]:
        """Two, or the only one there is: of an island, the first perhaps from elsewhere.

        Beside them, in words, the niche that the first was chosen for, or nothing. The candidates
        are ranked best first; there is at least one.
        """
        pool, niche = self.members(ranked, island), ""
        if rng.random() < self.niches:
            first = _any(rng, list(niches(ranked).values()))
            niche = str(first.niche)
        else:
            first = _tournament(rng, pool)
        others = [candidate for candidate in pool if candidate is not first]
        return ([first, _tournament(rng, others)] if others else [first]), niche

    def members(self, ranked: Sequence[Candidate], island: int) -> list[Candidate]:
        """The best of an island with its guests, best first; of all islands while it is empty."""
        own = [c for c in ranked if c.island == island][:ISLAND]
        neighbour = (island - 1) % self.islands
        guests = [c for c in ranked if c.island == neighbour != island][:GUESTS]
        found = {c.number for c in (*own, *guests)}
        return [c for c in ranked if c.number in found] or list(ranked[:ISLAND])


def niches(ranked: Sequence[Candidate]) -> dict[Niche, Candidate]:
    """The best candidate of every niche that there is one of."""
    elites: dict[Niche, Candidate] = {}
    for candidate in ranked:
        elites.setdefault(candidate.niche, candidate)
    return elites


def front(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Those that are cheaper than all that are better: the Pareto front, best first."""
    found: list[Candidate] = []
    for candidate in ranked:
        if not found or candidate.flops < found[-1].flops:
            found.append(candidate)
    return found


def _tournament(rng: np.random.Generator, pool: Sequence[Candidate]) -> Candidate:
    return pool[int(rng.integers(len(pool), size=TOURNAMENT).min())]


def _any(rng: np.random.Generator, found: Sequence[Candidate]) -> Candidate:
    return found[int(rng.integers(len(found)))]
