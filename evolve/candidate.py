"""A candidate: one activation that a proposer wrote, and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from actdsl.evolve.behaviour import Niche
from actdsl.evolve.lab import Score


class Status(enum.Enum):
    """Where a candidate stands."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"
    EVALUATED = "evaluated"


@dataclass(frozen=True, slots=True)
class Identity:
    """What admission finds out about a text that it lets through.

    Attributes:
        name: the activation's.
        hash: the canonical hash.
        fingerprint: of its shape, which a * f(x) + b shares with f(x).
        flops: per element.
        niche: what kind of function it is.
    """

    name: str
    hash: str
    fingerprint: str
    flops: int
    niche: Niche


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal of a run.

    Attributes:
        number: its place among all proposals of the run, refused ones too, from 0.
        island: the population it was made for.
        text: source, in the language.
        operator: how it was made; ``seed`` or ``reference`` if it was given.
        parents: numbers of those it was made from.
        identity: None if it was refused.
        status: admitted, and then failed (paid for, with the worst score), dropped (in a race, with
            the score it was heading for) or evaluated; or refused.
        reason: why it was refused or failed, else empty.
        score: of one that was paid for.
        retest: its score on fresh seeds, once it was first of all.
        seconds: what the evaluation took.
    """

    number: int
    island: int
    text: str
    operator: str
    parents: tuple[int, ...] = ()
    identity: Identity | None = None
    status: Status = Status.ADMITTED
    reason: str = ""
    score: Score | None = None
    retest: Score | None = None
    seconds: float = 0.0

    @property
    def is_reference(self) -> bool:
        """Whether it is there to be compared with, outside of the search."""
        return self.operator == "reference"

    @property
    def standing(self) -> Score:
        """The score it is ranked by: on fresh seeds if there is one, once it is paid for."""
        found = self.retest or self.score
        assert found is not None, "a refused candidate has no score"
        return found

    @property
    def ratio(self) -> float:
        """Out-of-distribution loss against ReLU's, as it is ranked; infinite without an evaluation."""
        return float("inf") if self.score is None else self.standing.ratio

    @property
    def name(self) -> str:
        """The activation's name, once it is admitted."""
        return self._admitted.name

    @property
    def hash(self) -> str:
        """The canonical hash, once it is admitted."""
        return self._admitted.hash

    @property
    def flops(self) -> int:
        """FLOPs per element, once it is admitted."""
        return self._admitted.flops

    @property
    def niche(self) -> Niche:
        """What kind of function it is, once it is admitted."""
        return self._admitted.niche

    @property
    def _admitted(self) -> Identity:
        assert self.identity is not None, "a refused candidate has no identity"
        return self.identity
