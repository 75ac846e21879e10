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
WIDTH, RATE = 12, 0.01


def recipe(steps=1, **others):
    return Recipe(WIDTH, steps, learning_rates=(RATE,), **others)


def fresh(kernel, seed=0):
    return initial(stream(TASK, seed, "initial"), TASK.dimension, recipe(), kernel)


def trained(kernel, hand, steps):
    """Weights before training, after the native trainer, after the reference."""
    data = dataset(TASK, 0, SIZES, kernel.dtype)
    before = fresh(kernel)
    native = before.copy()
    assert train(kernel, recipe(steps), RATE, native, data.x_train, data.y_train)
    bounds = kernel.lower, kernel.upper
    slow = reference.train(
        hand.torch, *bounds, recipe(steps), RATE, before, data.x_train, data.y_train
    )
    return before, native, slow


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-3)])
@pytest.mark.parametrize(
    "name", ["relu", "gelu", "snake", "two", "centred_tanh", "turbulent", "shifted"]
)
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


@pytest.mark.parametrize("name", ["gelu", "snake", "two", "centred_tanh", "turbulent"])
def test_predictions_equal_the_reference(compiled, hands, name):
    kernel = compiled(name, "float64")
    data = dataset(TASK, 0, SIZES, kernel.dtype)
    theta = fresh(kernel, seed=1)
    expected = reference.predict(
        hands[name].torch,
        WIDTH,
        kernel.params.size,
        torch.tensor(theta),
        torch.tensor(data.x_ood),
    )
    got = predict(kernel, recipe(), theta, data.x_ood)
    np.testing.assert_allclose(got, expected.numpy(), rtol=1e-12, atol=1e-13)


def test_training_reduces_the_loss(compiled):
    kernel = compiled("gelu")
    data = dataset(TASK, 0, SIZES)
    theta = fresh(kernel)
    train(kernel, recipe(300), RATE, theta, data.x_train, data.y_train)
    assert np.mean((predict(kernel, recipe(), theta, data.x_valid) - data.y_valid) ** 2) < 0.05


def test_a_loss_that_is_not_finite_stops_training(compiled):
    kernel = compiled("nan")
    data = dataset(TASK, 0, SIZES)
    before = fresh(kernel)
    theta = before.copy()
    assert not train(kernel, recipe(100), RATE, theta, data.x_train, data.y_train)
    np.testing.assert_array_equal(theta, before)
