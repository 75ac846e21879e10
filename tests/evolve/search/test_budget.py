from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from actdsl.evolve import Search
from actdsl.evolve.proposers import Cost, GoneError, make_proposer
from actdsl.evolve.proposers.proposer import Untold
from actdsl.evolve.record.session import Session
from actdsl.evolve.record.store import Store
from actdsl.evolve.search.budget import Budget


class Clock:
    """Moves on by a second whenever it is asked."""

    def __init__(self, step=1.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


class Paid(Untold):
    """The grammar's proposals at a price, which is the most they cost too, until they are gone."""

    name = "paid"

    def __init__(self, settings, cost, gone_after=10**9):
        self.others, self.cost, self.left = make_proposer(settings), cost, gone_after
        self.asked = self.told = 0

    def ask(self, rng, context):
        if self.left == 0:
            raise GoneError("the model is out to lunch")
        self.left -= 1
        self.asked += 1
        return replace(self.others.ask(rng, context), cost=self.cost)

    def most(self, context):
        return self.cost

    def tell(self, proposal, candidate):
        self.told += 1


@pytest.fixture
def searched(tmp_path, settings, fake):
    """``searched(proposer, clock, **limits)``: a search that is over, and its evaluations."""

    def search(cost=Cost(), clock=Clock(0.0), name="run", gone_after=10**9, **limits):
        own = replace(settings, **limits)
        proposer, evaluator = Paid(own, cost, gone_after), fake()
        with closing(Store(tmp_path / f"{name}.sqlite")) as store:
            found = Search(own, store, evaluator, proposer, Session(clock=clock))
            found.settled = list(found)
        found.proposer, found.evaluator = proposer, evaluator
        return found

    return search


def test_candidates_end_a_search_exactly(searched):
    found = searched(candidates=17)
    assert found.archive.evaluated == 17
    assert found.ended == "all 17 candidates are evaluated"
    assert found.proposer.told == found.proposer.asked


def test_tokens_are_never_overspent(searched):
    found = searched(Cost(tokens=30), tokens=100)
    assert found.proposer.asked == 3
    assert found.ended == "the tokens: 90 of 100 are spent, and another proposal may take 30"
    assert searched(Cost(tokens=25), name="exact", tokens=100).proposer.asked == 4


def test_money_is_never_overspent(searched):
    found = searched(Cost(usd=0.003), usd=0.01)
    assert found.proposer.asked == 3
    assert (
        found.ended == "the money: 0.009 of 0.01 USD are spent, and another proposal may take 0.003"
    )


def test_time_ends_a_search_and_what_is_in_flight_is_settled(searched):
    found = searched(clock=Clock(), minutes=1)
    assert found.ended == "the time: 1 minutes"
    assert 2 < found.archive.evaluated < 40
    assert found.proposer.told == found.proposer.asked


def test_time_counts_over_all_processes_that_work_on_a_run(searched, tmp_path):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        for seconds in (45.0, 15.0):
            store.session(Session(start=-seconds, clock=lambda: 0.0))
    found = searched(clock=Clock(), minutes=1)
    assert found.proposer.asked == 0


def test_the_first_limit_wins(searched):
    found = searched(Cost(tokens=30, usd=0.003), candidates=20, tokens=600, usd=0.02)
    assert found.ended.startswith("the money")


def test_a_proposer_that_is_gone_ends_the_search_with_what_there_is(searched):
    found = searched(gone_after=9)
    assert found.ended == "the model is out to lunch"
    assert found.archive.best is not None
    assert found.proposer.told == 10  # the last of that it is gone
    assert found.archive.refusals["no answer"] == 1


def test_what_was_spent_before_counts_when_a_run_goes_on(searched):
    first = searched(Cost(tokens=30), tokens=100)
    more = searched(Cost(tokens=30), tokens=160)
    assert (first.proposer.asked, more.proposer.asked) == (3, 2)


def test_the_expected_time_of_what_is_in_flight_is_kept_free(settings):
    clock = Clock(0.0)
    budget = Budget(replace(settings, minutes=1), Session(clock=clock))
    for _ in range(10):
        clock.now += 3.0
        budget.settled()
    assert not budget.exhausted(9, [], Cost())
    assert budget.exhausted(10, [], Cost()) == "the time: 1 minutes"
    assert budget.exhausted(5, [Cost()] * 5, Cost())
