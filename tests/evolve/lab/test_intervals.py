from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab.intervals import bootstrap_interval, mean


def interval(*values, statistic=mean):
    rng = np.random.default_rng(0)
    return bootstrap_interval(*values, rng=rng, resamples=4000, statistic=statistic)


def test_it_follows_the_variation_between_tasks_and_between_seeds():
    rng = np.random.default_rng(0)
    by_task = np.repeat(rng.normal(size=(40, 1)), 3, axis=1)
    by_seed = np.repeat(rng.permutation(np.linspace(-1, 1, 40))[None], 40, axis=0)
    for values, deviation in (
        (by_task, by_task[:, 0].std() / np.sqrt(40)),
        # Within each task the seeds are redrawn independently: 40 x 40 draws of one spread.
        (by_seed, by_seed[0].std() / 40),
    ):
        low, high = interval(values)
        assert low < values.mean() < high
        assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.08)


def test_arrays_are_drawn_together():
    values = np.exp(np.random.default_rng(1).normal(size=(10, 4)))
    low, high = interval(values, 2 * values, statistic=lambda a, b: mean(b) / mean(a))
    assert low == pytest.approx(2)
    assert high == pytest.approx(2)
