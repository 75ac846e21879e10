from __future__ import annotations

import itertools
from collections import Counter

import numpy as np

from actdsl.evolve import Archive, Candidate, Status
from actdsl.evolve.archive import POPULATION, TOURNAMENT


def archive_of(candidates):
    archive = Archive()
    for candidate in candidates:
        archive.add(candidate)
    return archive


def test_order_of_arrival_does_not_matter(settled):
    four = [settled(n, ratio) for n, ratio in enumerate((0.9, 0.5, 0.7, 0.5))]
    for order in itertools.permutations(four):
        archive = archive_of(order)
        assert [c.number for c in archive.ranked] == [1, 3, 2, 0]
        assert [c.number for c in archive.in_order] == [0, 1, 2, 3]
        drawn = archive.parents(np.random.default_rng(5))
        assert drawn == archive_of(four).parents(np.random.default_rng(5))


def test_references_and_refused_candidates_stay_outside(settled):
    archive = archive_of(
        [
            settled(0, 0.1, operator="reference"),
            settled(1, 0.6),
            Candidate(2, 1, "", "swap", status=Status.REFUSED, reason="known: act1 in other words"),
            Candidate(3, 1, "", "swap", status=Status.REFUSED, reason="known: the values of act1"),
        ]
    )
    assert (archive.evaluated, archive.best) == (1, archive.ranked[0])
    assert [c.number for c in archive.references] == [0]
    assert archive.refusals == Counter(known=2)


def test_what_failed_is_never_the_best(settled):
    failed = settled(0, 1e6, status=Status.FAILED)
    assert archive_of([failed]).best is None
    assert archive_of([failed, settled(1, 2e6)]).best.number == 1


def test_parents_are_two_of_the_best_and_better_ones_more_often(settled):
    archive = archive_of(settled(n, 1.0 + n) for n in range(POPULATION + 10))
    rng = np.random.default_rng(0)
    drawn = Counter()
    for _ in range(2000):
        first, second = archive.parents(rng)
        assert first != second
        drawn[first.number] += 1
    assert max(drawn) < POPULATION
    # The best wins every tournament that it is drawn for.
    expected = 2000 * (1 - (1 - 1 / POPULATION) ** TOURNAMENT)
    assert abs(drawn[0] - expected) < 4 * np.sqrt(expected)
    assert sum(drawn[n] for n in range(POPULATION // 2)) > 0.8 * 2000


def test_a_lone_seed_is_the_only_parent(settled):
    archive = archive_of([settled(0, 1.0)])
    assert archive.parents(np.random.default_rng(0)) == archive.ranked


def test_lineage_goes_back_to_the_seeds(settled):
    family = [
        settled(0, 1.0),
        settled(1, 1.0),
        settled(2, 0.9, parents=(0,)),
        settled(3, 0.8, parents=(0,)),
        settled(5, 0.7, parents=(2, 1)),
    ]
    archive = archive_of(family)
    assert [c.number for c in archive.lineage(archive.best)] == [5, 2, 1, 0]
