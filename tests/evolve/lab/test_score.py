from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, score
from actdsl.evolve.lab.score import WORST_RATIO, bootstrap_interval

SUITE = SUITES["smoke"]


def evaluation(ood, validation=1.0, diverged=False):
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
    baseline = evaluation([[1, 2], [4, 8], [16, 32]], validation=3)
    candidate = evaluation([[2, 4], [4, 8], [2, 16]], validation=6)
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
    with pytest.raises(ValueError, match="do not pair: smoke/1 with seeds"):
        score(evaluation(1), other)


def test_the_interval_is_reproducible_and_holds_the_ratio():
    rng = np.random.default_rng(1)
    candidate = evaluation(np.exp(rng.normal(size=(3, 2))))
    first, again, other = (score(candidate, evaluation(1), rng_seed=s) for s in (0, 0, 1))
    assert first.interval == again.interval != other.interval
    assert first.interval[0] < first.ratio < first.interval[1]


def test_the_interval_follows_the_variation_between_tasks_and_between_seeds():
    rng = np.random.default_rng(0)
    by_task = np.repeat(rng.normal(size=(40, 1)), 3, axis=1)
    by_seed = np.repeat(rng.permutation(np.linspace(-1, 1, 40))[None], 40, axis=0)
    for values, deviation in (
        (by_task, by_task[:, 0].std() / np.sqrt(40)),
        # Within each task the seeds are redrawn independently: 40 x 40 draws of one spread.
        (by_seed, by_seed[0].std() / 40),
    ):
        low, high = bootstrap_interval(values, np.random.default_rng(0), 4000)
        assert low < values.mean() < high
        assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.08)
