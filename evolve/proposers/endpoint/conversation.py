"""A conversation with a model under way: what was said, what it cost, what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from actdsl.evolve.proposers.proposal import Cost, Exchange


@dataclass
class Conversation:
    """The turns of one proposal.

    Attributes:
        system: what the model is told first, given whether its answer will be held to a grammar.
        seed: of the model's sampling.
        told: the system's text as it was sent last.
        exchanges: the turns so far.
        pending: the prompt that has no answer yet.
        troubles: kinds of faults met.
        cost: of the answers so far.
    """

    system: Callable[[bool], str]
    seed: int
    told: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    pending: str = ""
    troubles: list[str] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)

    def messages(self, prompt: str, bare: bool) -> list[dict[str, str]]:
        """All that was said, and a new prompt, as chat endpoints want it."""
        self.told, self.pending = self.system(bare), prompt
        found = [{"role": "system", "content": self.told}]
        for turn in self.exchanges:
            found.append({"role": "user", "content": turn.prompt})
            found.append({"role": "assistant", "content": turn.answer})
        return [*found, {"role": "user", "content": prompt}]

    def answered(self, text: str) -> None:
        """Add the turn that the pending prompt began."""
        self.exchanges.append(Exchange(self.pending, text))
        self.pending = ""

    def logged(self) -> tuple[Exchange, ...]:
        """The turns, one without an answer too, and the first prompt with what stood before it."""
        turns = [*self.exchanges, *([Exchange(self.pending, "")] if self.pending else [])]
        if not turns:
            return ()
        first, *rest = turns
        return (Exchange(f"{self.told}\n{first.prompt}", first.answer), *rest)
