from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import Status
from actdsl.evolve.proposers import Bandit, Context, Cost, GoneError, Proposal
from actdsl.evolve.proposers.bandit import SECONDS_PER_USD

ONE_SECOND = Cost(seconds=1.0)


@dataclass
class Scripted:
    """Proposes its own name; the tests say what that leads to, and when it ends."""

    name: str
    cost: Cost = ONE_SECOND
    lasts: int = 10**9
    at_once: int = 1
    told: list = field(default_factory=list)

    def ask(self, *_):
        if self.lasts == 0:
            raise GoneError(f"{self.name} is gone")
        self.lasts -= 1
        return Proposal(self.name, "scripted", (), self.name, self.cost)

    def most(self, _):
        return self.cost

    def close(self):
        self.lasts = 0

    def tell(self, proposal, candidate):
        self.told.append((proposal, candidate))


@pytest.fixture
def play(settled):
    """``play(bandit, outcomes, rounds)``: proposals by name, each with its outcome told."""

    def rounds(bandit, outcomes, count, seed=0):
        chosen = []
        rng = np.random.default_rng(seed)
        for number in range(count):
            proposal = bandit.ask(np.random.default_rng([seed, number]), Context([settled(0, 1.0)]))
            ratio = outcomes[proposal.proposer](rng)
            status = Status.EVALUATED
            candidate = settled(number, ratio, status=status, seconds=1.0)
            bandit.tell(proposal, candidate)
            chosen.append(proposal.proposer)
        return chosen

    return rounds


def test_it_comes_to_prefer_what_yields_more(play):
    bandit = Bandit([Scripted("good"), Scripted("poor")])
    outcomes = {"good": lambda rng: rng.normal(0.8, 0.1), "poor": lambda rng: rng.normal(1.2, 0.1)}
    chosen = Counter(play(bandit, outcomes, 200))
    assert chosen["good"] > 3 * chosen["poor"]
    assert chosen["poor"] >= 3


@pytest.mark.parametrize("cost", [Cost(seconds=20.0), Cost(usd=20.0 / SECONDS_PER_USD)])
def test_of_equals_it_prefers_the_cheaper(play, cost):
    bandit = Bandit([Scripted("cheap"), Scripted("dear", cost)])
    same = dict.fromkeys(("cheap", "dear"), lambda rng: rng.normal(1.0, 0.1))
    chosen = Counter(play(bandit, same, 200))
    assert chosen["cheap"] > 3 * chosen["dear"]


def test_what_was_good_once_is_left_when_it_no_longer_is(play):
    bandit = Bandit([Scripted("first"), Scripted("second")])
    play(bandit, {"first": lambda rng: 0.9 - rng.random(), "second": lambda rng: 2.0}, 60)
    outcomes = {"first": lambda rng: 3.0, "second": lambda rng: rng.normal(0.5, 0.1)}
    late = Counter(play(bandit, outcomes, 300, seed=1)[150:])
    assert late["second"] > late["first"]


def test_told_the_same_it_chooses_the_same(play, settled):
    outcomes = {"a": lambda rng: rng.normal(0.9, 0.2), "b": lambda rng: rng.normal(1.0, 0.2)}
    first, second = (Bandit([Scripted("a"), Scripted("b")]) for _ in range(2))
    assert play(first, outcomes, 100) == play(second, outcomes, 100)
    # Another that was only told what the first one's log holds goes on as the first does.
    third = Bandit([Scripted("a"), Scripted("b")])
    told = sorted(
        (pair for arm in first._arms.values() for pair in arm.proposer.told),
        key=lambda pair: pair[1].number,
    )
    for proposal, candidate in told:
        third.tell(proposal, candidate)
    assert play(first, outcomes, 30, seed=2) == play(third, outcomes, 30, seed=2)


def test_refusals_count_against_whoever_wrote_them(settled):
    bandit = Bandit([Scripted("a"), Scripted("b")])
    refused = replace(settled(0, 1.0), status=Status.REFUSED, score=None, identity=None)
    for _ in range(50):
        bandit.tell(Proposal("", "scripted", (), "a", Cost(seconds=1.0)), refused)
        bandit.tell(Proposal("", "scripted", (), "b", Cost(seconds=1.0)), settled(1, 0.9))
        bandit.tell(Proposal("", "scripted", (), "b", Cost(seconds=1.0)), settled(1, 1.1))
    context = Context([settled(0, 1.0)])
    chosen = Counter(bandit.ask(np.random.default_rng(n), context).proposer for n in range(100))
    assert chosen["b"] > 5 * chosen["a"]


def test_one_that_is_gone_leaves_the_work_to_the_others(settled):
    bandit = Bandit([Scripted("brief", lasts=1), Scripted("steady")])
    context = Context([settled(0, 1.0)])
    proposals = [bandit.ask(np.random.default_rng(n), context) for n in range(40)]
    assert Counter(p.proposer for p in proposals)["brief"] == 1
    assert [p.troubles for p in proposals if p.troubles] == [("gone: brief is gone",)]
    with pytest.raises(GoneError, match="a is gone; b is gone"):
        Bandit([Scripted("a", lasts=0), Scripted("b", lasts=0)]).ask(
            np.random.default_rng(0), context
        )


def test_names_and_threads():
    bandit = Bandit([Scripted("a"), Scripted("b", at_once=4)])
    assert (bandit.name, bandit.at_once) == ("a,b", 4)


def test_seeds_and_strangers_are_told_in_vain(settled):
    arm = Scripted("a")
    Bandit([arm]).tell(Proposal("", "seed"), settled(0, 1.0))
    assert arm.told == []


def test_two_of_one_name_are_refused():
    with pytest.raises(ActdslError, match="two proposers are called a, "):
        Bandit([Scripted("a"), Scripted("b"), Scripted("a")])


def test_the_last_of_an_arm_that_was_paid_for_is_a_proposal(settled):
    paid = Proposal("", "written", (), "brief", Cost(tokens=9))

    class Brief(Scripted):
        def ask(self, *_):
            raise GoneError("no key", paid)

    bandit = Bandit([Brief("brief"), Scripted("steady")])
    context = Context([settled(0, 1.0)])
    proposals = [bandit.ask(np.random.default_rng(n), context) for n in range(20)]
    (last,) = (p for p in proposals if p.proposer == "brief")
    assert (last.cost.tokens, last.failure) == (9, "gone: no key")


def test_it_may_cost_what_its_dearest_may_and_closes_all(settled):
    context = Context([settled(0, 1.0)])
    dear = Scripted("dear", Cost(tokens=90, usd=0.1), lasts=0)
    bandit = Bandit([dear, Scripted("cheap", Cost(tokens=9, usd=0.2))])
    assert bandit.most(context) == Cost(tokens=90, usd=0.2)
    for number in range(9):
        bandit.ask(np.random.default_rng(number), context)
    assert bandit.most(context) == Cost(tokens=9, usd=0.2)
    bandit.close()
    with pytest.raises(GoneError, match="dear is gone; cheap is gone"):
        bandit.ask(np.random.default_rng(0), context)
