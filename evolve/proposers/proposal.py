"""What a proposer gives: a text, where it comes from, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """What was paid for a proposal, whether it was of use or not.

    Attributes:
        tokens: read and written by models.
        usd: dollars, where the price is known.
        seconds: wall time.
    """

    tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.tokens + other.tokens, self.usd + other.usd, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn with a model, both sides verbatim."""

    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Source text of the language, and all that is to be logged of how it came about.

    Attributes:
        text: the source; empty if none came.
        operator: how it was made.
        parents: the candidates that it was made from, by number.
        proposer: who made it.
        cost: what it took.
        exchanges: what a model was asked and answered, in order: the answer, then the repair.
        troubles: what went wrong on the way and was overcome, or not: ``rate limit``, ``time-out``.
        failure: why there is no text: a kind to count by, a colon, and the particulars.
    """

    text: str
    operator: str
    parents: tuple[int, ...] = ()
    proposer: str = ""
    cost: Cost = Cost()
    exchanges: tuple[Exchange, ...] = ()
    troubles: tuple[str, ...] = ()
    failure: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Proposal:
        """From what :meth:`as_json` gave, be it through JSON."""
        made = {
            "cost": Cost(**data["cost"]),
            "exchanges": tuple(Exchange(**turn) for turn in data["exchanges"]),
            "parents": tuple(data["parents"]),
            "troubles": tuple(data["troubles"]),
        }
        return cls(**{**data, **made})
