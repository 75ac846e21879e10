"""A conversation with a model under way: what was said, what it cost, what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from actdsl.evolve.proposers.proposal import Exchange


@dataclass
class Conversation:
    """The turns of one proposal.

    Attributes:
        system: what the model is told first, given whether its answer will be held to a grammar.
        seed: of the model's sampling.
        exchanges: the turns so far.
        troubles: kinds of faults met.
        tokens: read and written.
        usd: dollars, where the price is known.
    """

    system: Callable[[bool], str]
    seed: int
    exchanges: list[Exchange] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    tokens: int = 0
    usd: float = 0.0

    def messages(self, prompt: str, bare: bool) -> list[dict[str, str]]:
        """All that was said, and a new prompt, as chat endpoints want it."""
        found = [{"role": "system", "content": self.system(bare)}]
        for turn in self.exchanges:
            found.append({"role": "user", "content": turn.prompt})
            found.append({"role": "assistant", "content": turn.answer})
        return [*found, {"role": "user", "content": prompt}]

    def logged(self, bare: bool) -> tuple[Exchange, ...]:
        """The turns, the first prompt with what stood before it."""
        if not self.exchanges:
            return ()
        first, *rest = self.exchanges
        return (Exchange(f"{self.system(bare)}\n{first.prompt}", first.answer), *rest)
