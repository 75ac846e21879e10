from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES
from actdsl.evolve.lab.tasks import EQUATIONS, Shift, Sizes, dataset, feynman, polynomial

SIZES = Sizes(train=300, valid=300, ood=300)
TASK = polynomial(2, 3, seed=1)


def columns(shift):
    """What the network sees of the first variable: for training and out of distribution."""
    data = dataset(TASK.shifted(shift), 0, SIZES, np.float64)
    return data.x_train[:, 0], data.x_ood[:, 0]


def test_beyond_is_the_upper_half():
    train, ood = columns(Shift.BEYOND)
    assert (train.min() > -1, train.max() < 1) == (ood.min() > 1, ood.max() < 3) == (True, True)
    assert TASK.shifted(Shift.BEYOND) == TASK


def test_a_hole_is_asked_for_and_never_taught():
    train, ood = columns(Shift.HOLE)
    assert np.abs(train).min() >= 0.5 > np.abs(ood).max() > 0.45
    assert train.min() < -0.95
    assert train.max() > 0.95


def test_wider_asks_three_times_as_far_as_it_taught():
    train, ood = columns(Shift.WIDER)
    assert -1 < train.min() < train.max() < 1 < ood.min()
    assert 6.9 < ood.max() < 7


def test_frequency_runs_twice_as_fast_outside():
    train, ood = columns(Shift.FREQUENCY)
    assert -1 < train.min() < train.max() < 1 < ood.min()
    assert 1.9 < ood.max() < 2
    u = np.array([0.5 - 1e-9, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(Shift.FREQUENCY.seen(u), [1, 1, 1.5, 2], atol=1e-8)


def test_a_shifted_task_has_a_name_and_points_of_its_own():
    hole = TASK.shifted(Shift.HOLE)
    assert hole.name == f"{TASK.name}@hole"
    assert hole.shifted(Shift.WIDER).name == f"{TASK.name}@wider"
    assert hole.shifted(Shift.BEYOND) == TASK
    suite = SUITES["micro"].shifted(Shift.HOLE)
    assert str(suite) == str(SUITES["micro"]).replace("micro", "micro@hole")
    assert all(task.shift is Shift.HOLE for task in suite.tasks)


@pytest.mark.parametrize("shift", Shift)
def test_every_equation_is_finite_at_every_kind_of_point(shift):
    for equation in EQUATIONS:
        data = dataset(feynman(equation.name).shifted(shift), 1, SIZES)
        assert np.isfinite(data.y_ood).all()
