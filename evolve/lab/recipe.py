"""How every candidate is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """What all candidates have in common.

    Attributes:
        width: of both hidden layers.
        steps: of Adam, each on all rows.
        learning_rates: the grid, of which each candidate is given the one that suits it best on
            the training range.
        probe_steps: how long the networks train that are to tell which; see ``learning_rate``.
        gain_correction: whether initial weights make up for the activation's own gain; see ``gain``.
    """

    width: int
    steps: int
    learning_rates: tuple[float, ...]
    probe_steps: int = 0
    gain_correction: bool = True
