"""Proposers: what writes new candidates."""

from actdsl.evolve.proposers.bandit import Bandit
from actdsl.evolve.proposers.choice import AUTO, NAMES, best_there_is, make_proposer
from actdsl.evolve.proposers.context import Context, Failure
from actdsl.evolve.proposers.gone import GoneError
from actdsl.evolve.proposers.grammar import GrammarProposer
from actdsl.evolve.proposers.proposal import Cost, Exchange, Proposal
from actdsl.evolve.proposers.proposer import Proposer
from actdsl.evolve.proposers.random import RandomProposer

__all__ = [
    "AUTO",
    "NAMES",
    "Bandit",
    "Context",
    "Cost",
    "Exchange",
    "Failure",
    "GoneError",
    "GrammarProposer",
    "Proposal",
    "Proposer",
    "RandomProposer",
    "best_there_is",
    "make_proposer",
]
