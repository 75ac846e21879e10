"""Proposers: what writes new candidates."""

from actdsl.evolve.proposers.choice import BEST, PROPOSERS
from actdsl.evolve.proposers.grammar import GrammarProposer
from actdsl.evolve.proposers.proposer import Proposal, Proposer
from actdsl.evolve.proposers.sampling import RandomProposer

__all__ = [
    "BEST",
    "PROPOSERS",
    "GrammarProposer",
    "Proposal",
    "Proposer",
    "RandomProposer",
]
