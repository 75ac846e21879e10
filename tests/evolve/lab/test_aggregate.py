from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Aggregate, Evaluation, aggregated
from actdsl.evolve.lab.evaluate import LARGEST_LOSS
from actdsl.evolve.lab.pairing import WORST_RATIO

SUITE = SUITES["smoke"]


def evaluation(ood, diverged=False):
    shape = (3, 2)
    arrays = (np.broadcast_to(np.asarray(a), shape).copy() for a in (0.1, ood, diverged))
    validation, losses, lost = arrays
    return Evaluation(SUITE, (0, 1), validation, losses.astype(float), lost.astype(bool))


BASE = evaluation([[1, 1], [1, 1], [1, 100]])
STEADY = evaluation([[0.5, 0.5], [0.5, 0.5], [0.5, 400]])
SAFE = evaluation([[2, 2], [2, 2], [2, 10]])


def values(how, *field, baseline=BASE):
    return [found.value for found in aggregated(how, field, baseline)]


def test_the_geometric_mean_counts_every_run_alike():
    got = values(Aggregate.GEOMEAN, STEADY, SAFE, BASE)
    assert got == pytest.approx([(4 / 2**5) ** (1 / 6), (2**5 / 10) ** (1 / 6), 1])


def test_the_plain_mean_is_decided_by_what_explodes():
    got = values(Aggregate.MEAN, STEADY, SAFE, BASE)
    assert got == pytest.approx([402.5 / 105, 20 / 105, 1])


def test_ranks_do_not_ask_how_much_better():
    assert values(Aggregate.RANK, STEADY, SAFE, BASE) == pytest.approx(
        [(5 * 1 + 3) / 6, (5 * 3 + 1) / 6, 2]
    )
    assert values(Aggregate.RANK, BASE, BASE, SAFE)[0] == pytest.approx((5 * 1.5 + 2.5) / 6)


@pytest.mark.parametrize("how", Aggregate)
def test_a_lost_run_costs_the_worst_there_is(how):
    diverged = np.zeros((3, 2), bool)
    diverged[0, 0] = True
    worst = {
        Aggregate.GEOMEAN: (WORST_RATIO / 10**5) ** (1 / 6),
        Aggregate.MEAN: (LARGEST_LOSS + 0.5) / 105,
        Aggregate.RANK: (3 + 5 * 1) / 6,
    }
    broken = evaluation([[1e-9, 0.1], [0.1, 0.1], [0.1, 0.1]], diverged)
    if how is Aggregate.GEOMEAN:
        broken = evaluation([[1e-9, 0.1], [0.1, 0.1], [0.1, 10]], diverged)
    got = values(how, broken, BASE, SAFE)
    assert got[0] == pytest.approx(worst[how])


@pytest.mark.parametrize("how", Aggregate)
def test_intervals_hold_the_value_and_can_be_repeated(how):
    first, again = (aggregated(how, [STEADY, SAFE, BASE], BASE) for _ in range(2))
    assert first == again
    for found in first:
        assert found.interval[0] <= found.value <= found.interval[1]


def test_what_does_not_pair_is_refused():
    other = Evaluation(SUITE, (0, 2), BASE.validation, BASE.ood, BASE.diverged)
    with pytest.raises(ValueError, match="do not pair"):
        aggregated(Aggregate.RANK, [other], BASE)
