from __future__ import annotations

import itertools
from collections import Counter

from actdsl.evolve import Archive, Candidate, Status


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


def test_references_and_refused_candidates_stay_outside(settled):
    archive = archive_of(
        [
            settled(0, 0.1, operator="reference"),
            settled(1, 0.6, retested=True),
            Candidate(2, 1, "", "swap", status=Status.REFUSED, reason="known: act1 in other words"),
            Candidate(3, 1, "", "swap", status=Status.REFUSED, reason="known: the values of act1"),
        ]
    )
    assert (archive.evaluated, archive.best) == (1, archive.ranked[0])
    assert [c.number for c in archive.references] == [0]
    assert archive.refusals == Counter(known=2)


def test_only_what_fresh_seeds_confirmed_is_the_best(settled):
    failed, dropped = settled(0, 1e6, status=Status.FAILED), settled(1, 0.2, status=Status.DROPPED)
    archive = archive_of([failed, dropped, settled(2, 0.4), settled(3, 0.5), settled(4, 0.6)])
    assert archive.best is None
    assert [c.number for c in archive.challengers] == [2, 3, 4]
    archive.retested(settled(3, 0.45, retested=True))
    assert archive.best.number == 3
    assert [c.number for c in archive.challengers] == [2]
    archive.retested(settled(2, 0.7, retested=True))
    assert (archive.best.number, archive.challengers) == (3, [])
    assert [c.number for c in archive.ranked] == [1, 3, 4, 2, 0]


def test_a_reference_is_retested_in_its_place(settled):
    archive = archive_of([settled(0, 1.0, operator="reference"), settled(1, 0.6)])
    archive.retested(settled(0, 0.9, operator="reference", retested=True))
    assert [c.ratio for c in archive.references] == [0.9]
    assert archive.evaluated == 1


def test_lineage_goes_back_to_the_seeds(settled):
    family = [
        settled(0, 1.0),
        settled(1, 1.0),
        settled(2, 0.9, parents=(0,)),
        settled(3, 0.8, parents=(0,)),
        settled(5, 0.7, parents=(2, 1), retested=True),
    ]
    archive = archive_of(family)
    assert [c.number for c in archive.lineage(archive.best)] == [5, 2, 1, 0]
