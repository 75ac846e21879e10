"""The control: independent draws from the language, without parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers.expression import function
from actdsl.evolve.proposers.proposer import Proposal
from actdsl.evolve.proposers.source import write
from actdsl.evolve.proposers.vocabulary import vocabulary

_DEPTHS = (2, 3, 4)


@dataclass(frozen=True)
class RandomProposer:
    """Draws expressions by the same weights as the grammar proposer draws its pieces."""

    contextual: bool = False

    def ask(self, rng: np.random.Generator, parents: Sequence[Candidate]) -> Proposal:  # noqa: ARG002
        """A random activation, whatever the parents."""
        body = function(rng, vocabulary(self.contextual), int(rng.choice(_DEPTHS)))
        return Proposal(write(body, "Drawn at random."), "random")
