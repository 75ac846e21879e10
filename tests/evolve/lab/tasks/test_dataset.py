from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab.tasks import Sizes, Task, dataset, feynman, harmonic, polynomial, stream

SIZES = Sizes(train=200, valid=50, ood=70)

# The first inputs and targets of polynomial(1, 2, seed=1) at seed 0.
GOLDEN_X = [-0.3646790087223053, -0.4284059405326843, 0.37312158942222595]
GOLDEN_Y = [1.5704764127731323, 1.906740427017212, 1.9193553924560547]


@pytest.mark.parametrize("task", [polynomial(4, 3, 1), harmonic(3, -2), feynman("I.15.3x")])
def test_shapes_types_and_cells(task):
    data = dataset(task, 0, SIZES)
    for kind, rows, low, high in (
        ("train", 200, -1, 1),
        ("valid", 50, -1, 1),
        ("ood", 70, 1, 3),
    ):
        x, y = getattr(data, f"x_{kind}"), getattr(data, f"y_{kind}")
        assert x.dtype == y.dtype == np.float32
        assert x.shape == (rows, task.dimension)
        assert y.shape == (rows,)
        assert x.flags.c_contiguous
        assert low <= x.min() < low + 0.2
        assert high - 0.2 < x.max() <= high


def test_targets_are_the_function_standardised_by_training_statistics():
    task = feynman("III.17.37")
    data = dataset(task, 3, SIZES, np.float64)
    raw = {kind: task.function((getattr(data, f"x_{kind}") + 1) / 4) for kind in ("train", "ood")}
    assert data.y_train.mean() == pytest.approx(0, abs=1e-12)
    assert data.y_train.std() == pytest.approx(1)
    expected = (raw["ood"] - raw["train"].mean()) / raw["train"].std()
    np.testing.assert_allclose(data.y_ood, expected, rtol=1e-12)


def test_drawn_from_the_task_and_the_seed_alone():
    task = polynomial(1, 2, seed=1)
    data, again = dataset(task, 0, SIZES), dataset(task, 0, SIZES)
    np.testing.assert_array_equal(data.x_train, again.x_train)
    for other in (dataset(task, 1, SIZES), dataset(polynomial(1, 2, seed=2), 0, SIZES)):
        assert not np.isin(data.x_train, other.x_train).any()
    assert not np.isin(data.x_train[:, 0], data.x_valid[:, 0]).any()


def test_the_same_numbers_on_every_machine():
    data = dataset(polynomial(1, 2, seed=1), 0, SIZES)
    assert data.x_train[:3, 0].tolist() == GOLDEN_X
    assert data.y_ood[:3].tolist() == GOLDEN_Y


def test_streams_of_different_purposes_are_different():
    task = polynomial(1, 2, seed=1)
    draws = {stream(task, seed, purpose).random() for seed in (0, 1) for purpose in ("a", "b")}
    assert len(draws) == 4
    assert stream(task, 0, "a").random() in draws


@pytest.mark.parametrize(
    ("function", "message"),
    [(lambda u: np.ones(len(u)), "constant"), (lambda u: np.log(u[:, 0] - 0.5), "not finite")],
)
def test_tasks_that_cannot_be_learnt_are_refused(function, message):
    task = Task("broken", "test", 1, function, "", "")
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=message):
        dataset(task, 0, SIZES)
