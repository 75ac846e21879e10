"""The proposer that edits typed graphs: it needs no model and no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.edits.composition import add_periodic, add_trend, gate, stretch, wrap
from actdsl.evolve.proposers.edits.crossover import blend, crossover
from actdsl.evolve.proposers.edits.numbers import demote, jitter, promote
from actdsl.evolve.proposers.edits.variation import hoist, insert, replace_subtree, swap_operator
from actdsl.evolve.proposers.expressions.parameters import MOST, params_of
from actdsl.evolve.proposers.expressions.places import size
from actdsl.evolve.proposers.expressions.sampling import depends_on_input
from actdsl.evolve.proposers.expressions.source import read, write
from actdsl.evolve.proposers.expressions.vocabulary import Word, vocabulary
from actdsl.evolve.proposers.proposal import Proposal
from actdsl.evolve.proposers.proposer import Untold
from actdsl.ir import Node

LARGEST = 40
"""Nodes that a proposal may have, unless its parent has more."""

_ANOTHER_EDIT = 0.25

Mutation = Callable[[np.random.Generator, Node, Sequence[Word]], Node | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """A way to vary one parent, or two: how often, and what the rationale says of it."""

    name: str
    weight: float
    phrase: str
    mutate: Mutation | None = None
    cross: Callable[[np.random.Generator, Node, Node], Node] | None = None


def _ignoring_words(edit: Callable[[np.random.Generator, Node], Node | None]) -> Mutation:
    return lambda rng, root, _: edit(rng, root)


OPERATORS = (
    Operator("subtree", 3, "a part replaced", replace_subtree),
    Operator("swap", 3, "an operator swapped", swap_operator),
    Operator("insert", 2, "a function inserted", insert),
    Operator("hoist", 1.5, "a part hoisted", hoist),
    Operator("jitter", 3, "a constant moved", _ignoring_words(jitter)),
    Operator("wrap", 2, "composed with another function", wrap),
    Operator("gate", 1, "a gate added", gate),
    Operator("periodic", 2.5, "a periodic term added", add_periodic),
    Operator("trend", 1.5, "a trend added", add_trend),
    Operator("stretch", 1.5, "the input scaled", stretch),
    Operator("promote", 0.7, "a constant made learnable", _ignoring_words(promote)),
    Operator("demote", 0.3, "a parameter fixed", _ignoring_words(demote)),
    Operator("crossover", 3, "a part taken from {}", cross=crossover),
    Operator("blend", 2, "joined with {}", cross=blend),
)
"""Every operator of the grammar proposer."""


@dataclass(frozen=True)
class GrammarProposer(Untold):
    """Mutates the first parent or crosses it with the second.

    Args:
        contextual: whether statistics of the tensor may be written.
        operators: what it chooses from, by their weights.
    """

    contextual: bool = False
    operators: Sequence[Operator] = field(default=OPERATORS)

    name = "grammar"

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        """A mutant of the first parent, or a child of the first two, never larger than allowed."""
        parents = context.parents
        bodies = [read(parent.text) for parent in parents]
        room = max(LARGEST, size(bodies[0]))
        most_params = max(MOST, len(params_of(bodies[0])))
        usable = [o for o in self.operators if o.cross is None or len(parents) > 1]
        while True:
            operator = _draw(rng, usable)
            child = self._edited(rng, operator, bodies)
            if (
                child is not None
                and depends_on_input(child)
                and size(child) <= room
                and len(params_of(child)) <= most_params
            ):
                used = parents[: 2 if operator.cross else 1]
                rationale = _rationale(operator, used)
                numbers = tuple(parent.number for parent in used)
                return Proposal(write(child, rationale), operator.name, numbers, self.name)

    def _edited(
        self, rng: np.random.Generator, operator: Operator, bodies: Sequence[Node]
    ) -> Node | None:
        """The operator applied, and then, sometimes, further mutations."""
        if operator.cross is not None:
            child: Node | None = operator.cross(rng, bodies[0], bodies[1])
        else:
            child = self._mutated(rng, operator, bodies[0])
        mutations = [o for o in self.operators if o.mutate is not None]
        while child is not None and mutations and rng.random() < _ANOTHER_EDIT:
            child = self._mutated(rng, _draw(rng, mutations), child)
        return child

    def _mutated(self, rng: np.random.Generator, operator: Operator, body: Node) -> Node | None:
        assert operator.mutate is not None
        return operator.mutate(rng, body, vocabulary(self.contextual))


def _draw(rng: np.random.Generator, operators: Sequence[Operator]) -> Operator:
    weights = np.array([o.weight for o in operators])
    return operators[rng.choice(len(operators), p=weights / weights.sum())]


def _rationale(operator: Operator, used: Sequence[Candidate]) -> str:
    kind = "child" if operator.cross else "mutant"
    return f"A {kind} of {used[0].name}: {operator.phrase.format(used[-1].name)}."
