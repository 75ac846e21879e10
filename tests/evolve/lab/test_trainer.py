"""The native trainer against autograd and torch's own Adam, step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from actdsl.evolve.lab import Recipe, reference
from actdsl.evolve.lab.network import initial, split
from actdsl.evolve.lab.tasks import Sizes, dataset, polynomial, stream
from actdsl.evolve.lab.trainer import predict, train

TASK = polynomial(3, 3, seed=5)
SIZES = Sizes(train=48, valid=24, ood=24)
WIDTH = 12


def trained(kernel, hand, steps):
    """Weights before training, after the native trainer, after the reference."""
    recipe = Recipe(WIDTH, steps, learning_rate=0.01)
    data = dataset(TASK, 0, SIZES, kernel.dtype)
    before = initial(stream(TASK, 0, "initial"), TASK.dimension, WIDTH, kernel)
    native = before.copy()
    assert train(kernel, recipe, native, data.x_train, data.y_train)
    slow = reference.train(
        hand.torch, kernel.lower, kernel.upper, recipe, before, data.x_train, data.y_train
    )
    return before, native, slow


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-3)])
@pytest.mark.parametrize("name", ["relu", "gelu", "snake", "centred_tanh"])
@pytest.mark.parametrize("steps", [1, 100])
def test_weights_equal_the_reference(compiled, hands, name, dtype, tolerance, steps):
    before, native, slow = trained(compiled(name, dtype), hands[name], steps)
    moved = np.abs(slow - before).max()
    assert moved > 1e-3
    assert native.dtype == slow.dtype == np.dtype(dtype)
    assert np.linalg.norm(native - slow) < tolerance * np.linalg.norm(slow)


def test_parameters_train_within_their_bounds(compiled, hands):
    kernel = compiled("snake", "float64")
    _, native, _ = trained(kernel, hands["snake"], 30)
    *_, first, second = split(native, TASK.dimension, WIDTH, kernel.params.size)
    assert first[0] == kernel.lower[0]
    assert kernel.params[0] < second[0] < kernel.upper[0]


@pytest.mark.parametrize("name", ["gelu", "snake", "centred_tanh"])
def test_predictions_equal_the_reference(compiled, hands, name):
    kernel = compiled(name, "float64")
    data = dataset(TASK, 0, SIZES, kernel.dtype)
    theta = initial(stream(TASK, 1, "initial"), TASK.dimension, WIDTH, kernel)
    expected = reference.predict(
        hands[name].torch,
        WIDTH,
        kernel.params.size,
        torch.tensor(theta),
        torch.tensor(data.x_ood),
    )
    got = predict(kernel, Recipe(WIDTH, 1, 0.1), theta, data.x_ood)
    np.testing.assert_allclose(got, expected.numpy(), rtol=1e-12, atol=1e-13)


def test_training_reduces_the_loss(compiled):
    kernel = compiled("gelu")
    recipe = Recipe(WIDTH, 300, learning_rate=0.01)
    data = dataset(TASK, 0, SIZES)
    theta = initial(stream(TASK, 0, "initial"), TASK.dimension, WIDTH, kernel)
    train(kernel, recipe, theta, data.x_train, data.y_train)
    assert np.mean((predict(kernel, recipe, theta, data.x_valid) - data.y_valid) ** 2) < 0.05


def test_a_loss_that_is_not_finite_stops_training(compiled):
    kernel = compiled("nan")
    data = dataset(TASK, 0, SIZES)
    before = initial(stream(TASK, 0, "initial"), TASK.dimension, WIDTH, kernel)
    theta = before.copy()
    assert not train(kernel, Recipe(WIDTH, 100, 0.01), theta, data.x_train, data.y_train)
    np.testing.assert_array_equal(theta, before)


def test_the_initial_weights_are_those_of_torch_linear_and_ignore_the_candidate(compiled):
    plain = initial(np.random.default_rng(3), 4, 64, compiled("relu"))
    parametric = initial(np.random.default_rng(3), 4, 64, compiled("snake"))
    np.testing.assert_array_equal(parametric[: plain.size], plain)
    np.testing.assert_array_equal(parametric[plain.size :], [1, 1])
    w1, b1, w2, b2, w3, b3, *_ = split(plain, 4, 64, 0)
    for weight, fan_in in ((w1, 4), (b1, 4), (w2, 64), (b2, 64), (w3, 64), (b3, 64)):
        assert np.abs(weight).max() <= fan_in**-0.5
    assert np.std(w2) == pytest.approx(1 / np.sqrt(3 * 64), rel=0.03)
