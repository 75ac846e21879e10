from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.proposers import Context, GrammarProposer, RandomProposer
from actdsl.evolve.proposers.expressions.parameters import MOST
from actdsl.evolve.proposers.expressions.places import size
from actdsl.evolve.proposers.expressions.source import read
from actdsl.evolve.proposers.grammar import LARGEST, OPERATORS
from actdsl.grammar import parse
from actdsl.identity import canonical_hash
from actdsl.ir import REAL, leaves
from actdsl.program import Kind

TEXTS = (
    "activation relu(x): return relu(x)",
    "activation snake(u): param a = 1 in [0.1, 3] return u + sin(a * u)**2 / a",
    "def bump(u) = exp(-u**2) activation hat(x): let b = bump(x) return b + x * bump(b)",
    "activation steps(x): param a = 0.5 return where(x > a and x < 2, gelu(x), 0.1 * x)",
)


@pytest.fixture
def parents(settled):
    return [settled(n, 1.0 + n, text) for n, text in enumerate(TEXTS)]


def chain(proposer, parents, settled, count, seed=0):
    """Proposals, each of which becomes a parent of later ones, as (proposal, program)."""
    rng = np.random.default_rng(seed)
    pool = list(parents)
    for number in range(count):
        first, second = rng.choice(len(pool), size=2, replace=False)
        proposal = proposer.ask(rng, Context([pool[first], pool[second]]))
        program = parse(proposal.text).program
        yield proposal, program
        pool[rng.integers(len(pool))] = settled(100 + number, 1.0, proposal.text)


def test_five_hundred_proposals_all_parse_and_keep_to_their_bounds(parents, settled):
    used = set()
    for proposal, program in chain(GrammarProposer(), parents, settled, 500):
        assert program.inputs == ("x",)
        assert program.body.type is REAL
        assert program.kind is Kind.POINTWISE
        assert len(program.params) <= MOST
        assert size(read(proposal.text)) <= LARGEST
        assert set(program.params) == {leaf.attr for leaf in leaves([program.body], "param")}
        assert proposal.text == program.text
        used.add(proposal.operator)
    assert used == {o.name for o in OPERATORS}


def test_contextual_functions_are_written_only_when_asked_for(parents, settled):
    proposals = chain(GrammarProposer(contextual=True), parents, settled, 100)
    assert Kind.CONTEXTUAL in {program.kind for _, program in proposals}


def test_proposals_depend_on_the_generator_alone(parents):
    def texts(seed):
        rng = np.random.default_rng(seed)
        return [GrammarProposer().ask(rng, Context(parents)).text for _ in range(20)]

    assert texts(3) == texts(3) != texts(4)


def test_parents_are_named_by_number_and_in_the_rationale(parents):
    crossing = [o for o in OPERATORS if o.name == "crossover"]
    proposal = GrammarProposer(operators=crossing).ask(
        np.random.default_rng(1), Context(parents[:2])
    )
    assert (proposal.operator, proposal.parents) == ("crossover", (0, 1))
    assert parse(proposal.text).program.rationale == "A child of act0: a part taken from act1."
    waving = [o for o in OPERATORS if o.name == "periodic"]
    proposal = GrammarProposer(operators=waving).ask(np.random.default_rng(1), Context(parents[:2]))
    assert (proposal.operator, proposal.parents) == ("periodic", (0,))
    assert proposal.text.startswith("# A mutant of act0: a periodic term added.\n")


def test_a_lone_parent_is_only_mutated(parents):
    rng = np.random.default_rng(0)
    asked = [GrammarProposer().ask(rng, Context(parents[:1])) for _ in range(100)]
    assert {p.parents for p in asked} == {(0,)}
    assert not {p.operator for p in asked} & {"crossover", "blend"}


def test_a_parent_larger_than_the_bound_may_keep_its_size(settled):
    long = "activation f(x): return " + " + ".join(f"{k} * sin({k + 50} * x)" for k in range(30))
    parent = settled(0, 1.0, long)
    rng = np.random.default_rng(0)
    sizes = [size(read(GrammarProposer().ask(rng, Context([parent])).text)) for _ in range(20)]
    assert LARGEST < max(sizes) <= size(read(long))


def test_names_follow_the_function(parents):
    rng = np.random.default_rng(0)
    for _ in range(50):
        program = parse(GrammarProposer().ask(rng, Context(parents)).text).program
        assert program.name == f"evolved_{canonical_hash(program)[:6]}"


def test_random_proposals_parse_and_know_no_parents(parents):
    rng = np.random.default_rng(0)
    for _ in range(200):
        proposal = RandomProposer().ask(rng, Context(parents))
        assert proposal.parents == ()
        assert parse(proposal.text).program.rationale == "Drawn at random."
