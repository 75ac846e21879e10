from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, score
from actdsl.evolve.lab.pairing import WORST_RATIO

SUITE = SUITES["smoke"]


def evaluation(ood, validation=0.1, diverged=False):
    """An evaluation of the smoke suite (three tasks, one a family) with two seeds."""
    shape = (3, 2)
    return Evaluation(
        suite=SUITE,
        seeds=(0, 1),
        validation=np.broadcast_to(np.asarray(validation, float), shape).copy(),
        ood=np.broadcast_to(np.asarray(ood, float), shape).copy(),
        diverged=np.broadcast_to(np.asarray(diverged), shape).copy(),
    )


def test_geometric_means_of_paired_ratios():
    baseline = evaluation([[1, 2], [4, 8], [16, 32]], validation=0.03)
    candidate = evaluation([[2, 4], [4, 8], [2, 16]], validation=0.06)
    result = score(candidate, baseline)
    # ratios: 2, 2 | 1, 1 | 1/8, 1/2
    assert result.families == pytest.approx({"polynomial": 2, "harmonic": 1, "feynman": 1 / 4})
    assert result.ratio == pytest.approx(0.5 ** (1 / 3))
    assert result.in_distribution == pytest.approx(2)
    assert result.diverged == 0


def test_a_candidate_against_itself_is_exactly_one():
    result = score(evaluation([[3, 5], [7, 1], [2, 9]]), evaluation([[3, 5], [7, 1], [2, 9]]))
    assert (result.ratio, result.interval, result.in_distribution) == (1.0, (1.0, 1.0), 1.0)


def test_a_diverged_run_costs_the_worst_ratio_whatever_its_losses_say():
    diverged = np.zeros((3, 2), bool)
    diverged[1, 0] = True
    result = score(evaluation(1e-9, 1e-9, diverged), evaluation(1e-9, 1e-9))
    assert result.ratio == pytest.approx(WORST_RATIO ** (1 / 6))
    assert result.in_distribution == pytest.approx(WORST_RATIO ** (1 / 6))
    assert result.diverged == pytest.approx(1 / 6)


def test_no_finite_run_is_worse_than_a_diverged_one_or_better_than_its_inverse():
    assert score(evaluation(1e12), evaluation(1e-12)).ratio == pytest.approx(WORST_RATIO)
    assert score(evaluation(1e-12), evaluation(1e12)).ratio == pytest.approx(1 / WORST_RATIO)


def test_evaluations_that_do_not_pair_are_refused():
    other = replace(evaluation(1), seeds=(0, 2))
    with pytest.raises(ValueError, match=f"do not pair: {SUITE} with seeds"):
        score(evaluation(1), other)


def test_the_interval_is_reproducible_and_holds_the_ratio():
    rng = np.random.default_rng(1)
    candidate = evaluation(np.exp(rng.normal(size=(3, 2))))
    first, again, other = (score(candidate, evaluation(1), rng_seed=s) for s in (0, 0, 1))
    assert first.interval == again.interval != other.interval
    assert first.interval[0] < first.ratio < first.interval[1]


def test_what_does_not_learn_the_training_range_is_last_however_well_it_does_outside():
    constant = evaluation(1e-3, validation=[[0.9, 1.1], [0.8, 0.4], [0.3, 1.2]])
    result = score(constant, evaluation(1))
    assert not result.learnt
    assert result.ratio == pytest.approx(WORST_RATIO)
    assert result.diverged == 0
    half = evaluation(1e-3, validation=[[0.9, 1.1], [0.8, 0.4], [0.3, 0.2]])
    assert score(half, evaluation(1)).ratio == pytest.approx(WORST_RATIO)
    most = evaluation(1e-3, validation=[[0.9, 1.1], [0.1, 0.4], [0.3, 0.2]])
    assert score(most, evaluation(1)).learnt
    assert score(most, evaluation(1)).ratio == pytest.approx(1e-3)


def test_what_the_baseline_does_not_learn_either_is_no_fault():
    hard = [[0.9, 1.1], [0.8, 0.9], [0.3, 0.2]]
    result = score(evaluation(0.5, validation=hard), evaluation(1, validation=hard))
    assert result.learnt
    assert result.ratio == pytest.approx(0.5)
    nothing = score(evaluation(0.5, validation=0.9), evaluation(1, validation=0.9))
    assert nothing.ratio == pytest.approx(0.5)


def test_wins_are_counted_run_by_run_and_a_draw_is_half_a_win():
    candidate = evaluation([[1, 2], [3, 4], [5, 6]])
    rival = evaluation([[2, 2], [1, 5], [5, 9]])
    assert score(candidate, rival, {"a": rival}).wins == {"a": pytest.approx((3 + 2 / 2) / 6)}


def test_a_lost_run_wins_against_nothing():
    diverged = np.zeros((3, 2), bool)
    diverged[0] = True
    lost = evaluation(0.5, diverged=diverged)
    assert score(lost, evaluation(1), {"a": evaluation(1)}).wins["a"] == pytest.approx(4 / 6)
    assert score(lost, evaluation(1), {"a": lost}).wins["a"] == pytest.approx(1 / 2)
