"""The control: independent draws from the language, without parents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.expressions.sampling import function
from actdsl.evolve.proposers.expressions.source import write
from actdsl.evolve.proposers.expressions.vocabulary import vocabulary
from actdsl.evolve.proposers.proposal import Proposal
from actdsl.evolve.proposers.proposer import Untold

_DEPTHS = (2, 3, 4)


@dataclass(frozen=True)
class RandomProposer(Untold):
    """Draws expressions by the same weights as the grammar proposer draws its pieces."""

    contextual: bool = False

    name = "random"

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:  # noqa: ARG002
        """A random activation, whatever the context."""
        body = function(rng, vocabulary(self.contextual), int(rng.choice(_DEPTHS)))
        return Proposal(write(body, "Drawn at random."), "random", (), self.name)
