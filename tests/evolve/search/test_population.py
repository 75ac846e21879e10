from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.testing import assert_allclose

from actdsl.evolve.behaviour import niche
from actdsl.evolve.candidate import Identity
from actdsl.evolve.search.population import GUESTS, ISLAND, TOURNAMENT, Population, front, niches
from actdsl.grammar import parse


def of(settled, number, ratio, island=0, body="relu(x)", flops=7):
    program = parse(f"activation f(x): return {body}").program
    identity = Identity(f"act{number}", f"{number:016x}", f"{number:016x}", flops, niche(program))
    return settled(number, ratio, island=island, identity=identity)


@pytest.fixture
def ranked(settled):
    """Forty, best first, in four islands."""
    return [of(settled, n, 1.0 + n / 100, island=n % 4) for n in range(40)]


def test_an_island_has_its_own_best_and_the_neighbours(ranked):
    population = Population(4, 0.0)
    members = population.members(ranked, 2)
    assert [c.number for c in members if c.island == 2] == list(range(2, 40, 4))[:ISLAND]
    assert [c.number for c in members if c.island != 2] == [1, 5][:GUESTS]
    assert members == sorted(members, key=lambda c: c.ratio)
    assert {c.island for c in population.members(ranked, 0)} == {3, 0}


def test_an_empty_island_is_settled_from_all(ranked):
    population = Population(8, 0.0)
    assert population.members(ranked, 6) == ranked[:ISLAND]
    assert {c.island for c in population.members(ranked, 4)} == {3}


def test_one_island_is_the_best_of_all(ranked):
    assert (
        Population(1, 0.0).members([c for c in ranked if c.island == 0], 0)
        == [c for c in ranked if c.island == 0][:ISLAND]
    )


def test_parents_are_winners_of_tournaments_on_their_island(ranked):
    population = Population(4, 0.0)
    rng = np.random.default_rng(0)
    pool = population.members(ranked, 1)
    firsts = Counter()
    for _ in range(2000):
        (first, second), asked = population.parents(rng, ranked, 1)
        assert (first in pool, second in pool, asked) == (True, True, "")
        assert first is not second
        firsts[first.number] += 1
    size = len(pool)
    expected = 2000 * (1 - (1 - 1 / size) ** TOURNAMENT)
    assert_allclose(firsts[pool[0].number], expected, rtol=0.15)
    assert firsts[pool[0].number] > firsts[pool[size // 2].number]


def test_the_only_candidate_is_the_only_parent(settled):
    seed = of(settled, 0, 1.0)
    assert Population(4, 0.5).parents(np.random.default_rng(0), [seed], 3)[0] == [seed]


def test_a_niche_keeps_its_best(settled):
    ranked = [
        of(settled, 0, 0.5),
        of(settled, 1, 0.6),
        of(settled, 2, 0.7, body="tanh(x)"),
        of(settled, 3, 0.9, body="sin(x) + x"),
        of(settled, 4, 0.95, body="2 * tanh(x)"),
    ]
    assert [c.number for c in niches(ranked).values()] == [0, 2, 3]


def test_the_front_has_whoever_is_cheaper_than_all_that_are_better(settled):
    facts = [(0.5, 30), (0.6, 40), (0.7, 10), (0.8, 10), (0.9, 3), (2.0, 5)]
    ranked = [of(settled, n, ratio, flops=flops) for n, (ratio, flops) in enumerate(facts)]
    assert [c.number for c in front(ranked)] == [0, 2, 4]


def test_a_share_of_first_parents_are_the_best_of_niches(settled):
    ranked = [of(settled, n, 0.5 + n / 100) for n in range(20)]
    ranked.append(of(settled, 20, 0.9, body="tanh(x)", flops=50))
    ranked.append(of(settled, 21, 0.95, flops=1))
    rng = np.random.default_rng(0)
    drawn, words = Counter(), Counter()
    for _ in range(2000):
        (first, _), asked = Population(1, 0.3).parents(rng, ranked, 0)
        drawn[first.number] += 1
        words[asked] += 1
    assert_allclose(drawn[20], 2000 * 0.3 / 2, rtol=0.15)  # two niches
    assert drawn[21] == 0
    assert set(words) == {"", str(ranked[0].niche), str(ranked[20].niche)}
