"""What a proposer is: something that, asked with parents at hand, writes a new activation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from actdsl.evolve.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Proposal:
    """Source text of the language, how it was made, and from which candidates (by number)."""

    text: str
    operator: str
    parents: tuple[int, ...] = ()


class Proposer(Protocol):
    """Writes candidates; what it draws comes from the generator that it is given."""

    def ask(self, rng: np.random.Generator, parents: Sequence[Candidate]) -> Proposal:
        """A proposal; of the parents, all evaluated, it may use as many as it likes."""
        ...
