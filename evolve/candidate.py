"""A candidate: one activation that a proposer wrote, and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from actdsl.evolve.lab import Score


class Status(enum.Enum):
    """Where a candidate stands."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    FAILED = "failed"
    EVALUATED = "evaluated"


@dataclass(frozen=True, slots=True)
class Identity:
    """What admission finds out about a text that it lets through.

    Attributes:
        name: the activation's.
        hash: the canonical hash.
        fingerprint: of its values; with parameters, two, joined: as they start, and moved a little.
        flops: per element.
    """

    name: str
    hash: str
    fingerprint: str
    flops: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal of a run.

    Attributes:
        number: its place among all proposals of the run, refused ones too, from 0.
        generation: the batch it belongs to; the run's references and seeds are generation 0.
        text: source, in the language.
        operator: how it was made; ``seed`` or ``reference`` if it was given.
        parents: numbers of those it was made from.
        identity: None if it was refused.
        status: admitted, and then failed (paid for, with the worst score) or evaluated; or refused.
        reason: why it was refused or failed, else empty.
        score: of an evaluated or failed one.
        seconds: what the evaluation took.
    """

    number: int
    generation: int
    text: str
    operator: str
    parents: tuple[int, ...] = ()
    identity: Identity | None = None
    status: Status = Status.ADMITTED
    reason: str = ""
    score: Score | None = None
    seconds: float = 0.0

    @property
    def is_reference(self) -> bool:
        """Whether it is there to be compared with, outside of the search."""
        return self.operator == "reference"

    @property
    def ratio(self) -> float:
        """Out-of-distribution loss against ReLU's; infinite without an evaluation."""
        return float("inf") if self.score is None else self.score.ratio

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
    def _admitted(self) -> Identity:
        assert self.identity is not None, "a refused candidate has no identity"
        return self.identity
