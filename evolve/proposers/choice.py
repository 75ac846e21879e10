"""Proposers by the names that the command line gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actdsl.evolve.proposers.grammar import GrammarProposer
from actdsl.evolve.proposers.proposer import Proposer
from actdsl.evolve.proposers.sampling import RandomProposer

PROPOSERS: Mapping[str, Callable[[bool], Proposer]] = {
    "grammar": GrammarProposer,
    "random": RandomProposer,
}
"""By name; each is made for a search that admits contextual activations or one that does not."""

BEST = "grammar"
"""What ``auto`` stands for on the command line."""
