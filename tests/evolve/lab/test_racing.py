from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, Runs, part, race, rungs
from actdsl.evolve.lab.pairing import WORST_RATIO
from actdsl.evolve.lab.racing import ENOUGH, Rung

MICRO = SUITES["micro"]
SEEDS = (0, 1, 2)
SHAPE = (len(MICRO.tasks), len(SEEDS))


def evaluation(log_ratio, diverged=False):
    """Losses of that log-ratio to the baseline, one for all runs or one each."""
    losses = np.exp(np.broadcast_to(log_ratio, SHAPE))
    lost = np.broadcast_to(diverged, SHAPE).copy()
    return Evaluation(MICRO, SEEDS, np.full(SHAPE, 0.1), losses.copy(), lost)


BASELINE = evaluation(0.0)


class Counted(Runs):
    """Runs of which all is known, and how many of them were asked for."""

    def __init__(self, whole):
        self.whole, self.asked = whole, set()

    def evaluation(self, seeds, tasks=None):
        names = tuple(tasks or [task.name for task in MICRO.tasks])
        self.asked |= {(name, seed) for name in names for seed in seeds}
        return part(self.whole, Rung(names, tuple(seeds)))


def noisy(rng, mean, noise=0.3):
    return evaluation(mean + noise * rng.normal(size=SHAPE))


@pytest.fixture
def field():
    """Candidates whose log-ratios lie between -0.3 and 0.8."""
    rng = np.random.default_rng(0)
    return [noisy(rng, mean) for mean in np.linspace(-0.3, 0.8, 40)]


def test_rungs_grow_in_tasks_then_in_seeds_and_stop_short_of_all():
    steps = rungs(MICRO, SEEDS)
    sizes = [(len(step.tasks), len(step.seeds)) for step in steps]
    assert sizes == [(3, 1), (6, 1), (12, 1), (24, 1), (36, 1), (36, 2)]
    for smaller, larger in pairwise(steps):
        assert set(smaller.tasks) <= set(larger.tasks)
        assert set(smaller.seeds) <= set(larger.seeds)
    families = [{t.family for t in MICRO.only(step.tasks).tasks} for step in steps]
    assert all(len(found) == 3 for found in families)
    assert [len(step.seeds) for step in rungs(MICRO, tuple(range(8)))][-2:] == [2, 4]
    assert all(len(step.tasks) < 36 for step in rungs(MICRO, (0,)))


def test_the_hopeless_cost_a_few_per_cent(field):
    racing = race(field, 40, BASELINE)
    for whole in (evaluation(3.0), evaluation(0.0, diverged=True)):
        runs = Counted(whole)
        dropped = racing.run(runs)
        assert dropped.suite != MICRO
        assert len(runs.asked) == 3
        assert len(runs.asked) < 0.03 * whole.ood.size


def test_the_good_are_trained_in_full(field):
    racing = race(field, 40, BASELINE)
    rng = np.random.default_rng(1)
    for mean in (-1.0, -0.8):
        runs = Counted(noisy(rng, mean))
        assert racing.run(runs).suite == MICRO
        assert len(runs.asked) == BASELINE.ood.size


def test_most_of_the_best_are_kept_and_most_of_the_work_is_saved(field):
    racing = race(field, 200, BASELINE)
    rng = np.random.default_rng(2)
    means = rng.uniform(-0.4, 1.5, 200)
    asked, kept = 0, []
    for mean in means:
        runs = Counted(noisy(rng, mean))
        kept.append(racing.run(runs).suite == MICRO)
        asked += len(runs.asked)
    best = np.argsort(means)[:10]
    assert np.mean(np.array(kept)[best]) >= 0.8
    assert asked < 200 * BASELINE.ood.size / 3


def test_without_enough_that_is_known_nobody_races(field):
    assert race(field[: ENOUGH - 1], 200, BASELINE) is None
    assert race(field[:ENOUGH], 200, BASELINE) is not None


def test_the_bar_is_the_worst_of_a_twentieth_of_all_and_of_three_at_least(field):
    means = sorted(float(np.log(e.ood).mean()) for e in field)
    assert race(field, 40, BASELINE).bar == pytest.approx(means[2])
    assert race(field, 200, BASELINE).bar == pytest.approx(means[9])
    assert race(field, 10_000, BASELINE).bar == pytest.approx(means[-1])


def test_a_dropped_candidate_scores_what_was_to_be_expected(field):
    racing = race(field, 40, BASELINE)
    rng = np.random.default_rng(3)
    for mean in (0.5, 0.8):
        score = racing.score(racing.run(Counted(noisy(rng, mean))))
        assert np.log(score.ratio) == pytest.approx(mean, abs=0.3)
        assert np.log(score.ratio) > racing.bar
        assert score.interval[0] < score.ratio < score.interval[1]
    worst = racing.score(racing.run(Counted(evaluation(0.0, diverged=True))))
    assert worst.ratio > 1000
    assert worst.diverged == 1
    assert worst.interval[1] == WORST_RATIO


def test_a_race_is_the_same_in_any_process_and_pickles(field):
    racing, again = race(field, 40, BASELINE), pickle.loads(pickle.dumps(race(field, 40, BASELINE)))
    assert (racing.lines, racing.bar, racing.rungs) == (again.lines, again.bar, again.rungs)


def test_what_does_not_pair_is_refused(field):
    with pytest.raises(ValueError, match="do not pair"):
        race([replace(one, seeds=(1, 2, 3)) for one in field], 40, BASELINE)
