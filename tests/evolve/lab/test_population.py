"""The population's trainer on the CPU: against the slow reference, and against the native trainer."""

from __future__ import annotations

import numpy as np
import pytest

from actdsl.backends.timing import threads
from actdsl.evolve.lab import Recipe, evaluate, reference
from actdsl.evolve.lab.learning_rate import learning_rate
from actdsl.evolve.lab.network import initial, numbers, split
from actdsl.evolve.lab.population import Member, evaluate_all, run_all, train, train_all
from actdsl.evolve.lab.population.evaluate import learning_rates
from actdsl.evolve.lab.population.members import Shape, weights
from actdsl.evolve.lab.run import run
from actdsl.evolve.lab.suites import SMOKE
from actdsl.evolve.lab.tasks import Sizes, dataset, harmonic, polynomial, stream

WIDTH = 12
SIZES = Sizes(train=48, valid=24, ood=24)
TASKS = (polynomial(3, 3, seed=5), harmonic(2, 1), polynomial(1, 2, seed=5))
NAMES = ("relu", "gelu", "snake", "two", "centred_tanh", "turbulent", "shifted")
MEMBERS = [
    Member(kind, rate, task, seed)
    for kind in range(len(NAMES))
    for rate, task, seed in zip((0.01, 0.003, 0.03), TASKS, (0, 1, 2), strict=True)
]


@pytest.fixture(autouse=True)
def _one_thread():
    """So small tensors only lose by more."""
    with threads(1):
        yield


def recipe(steps, **others):
    return Recipe(WIDTH, steps, learning_rates=(0.01,), **others)


def fresh(kernel, member, steps=1):
    rng = stream(member.task, member.seed, "initial")
    return initial(rng, member.task.dimension, recipe(steps), kernel)


def alone(theta, member, kernel, shape):
    """A member's weights as its network has them where it is alone."""
    own = np.empty(numbers(member.task.dimension, WIDTH, kernel.params.size), theta.dtype)
    parts = split(own, member.task.dimension, WIDTH, kernel.params.size)
    whole = split(theta, shape.dimension, WIDTH, shape.count)
    for part, values in zip(parts, whole, strict=True):
        part[:] = values[tuple(map(slice, part.shape))]
    return own


def trained(kernels, steps):
    """Each member's weights as a network's that is alone."""
    shape = Shape.of(kernels, WIDTH, MEMBERS)
    theta, finite = train_all(kernels, recipe(steps), SIZES, MEMBERS, shape, "cpu")
    assert finite.all()
    return [
        alone(row, member, kernels[member.kind], shape)
        for row, member in zip(theta.numpy(), MEMBERS, strict=True)
    ]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-3)])
@pytest.mark.parametrize("steps", [1, 60])
def test_weights_equal_the_reference(compiled, hands, dtype, tolerance, steps):
    """Activations, tasks, dimensions, seeds and rates side by side: nobody disturbs another."""
    kernels = [compiled(name, dtype) for name in NAMES]
    for member, own in zip(MEMBERS, trained(kernels, steps), strict=True):
        kernel, hand = kernels[member.kind], hands[NAMES[member.kind]]
        data = dataset(member.task, member.seed, SIZES, kernel.dtype)
        before = fresh(kernel, member)
        slow = reference.train(
            hand.torch, kernel.lower, kernel.upper, recipe(steps), member.learning_rate,
            before, data.x_train, data.y_train,
        )  # fmt: skip
        assert np.abs(slow - before).max() > 1e-3
        assert own.dtype == slow.dtype
        assert np.linalg.norm(own - slow) < tolerance * np.linalg.norm(slow)


def test_members_and_back(compiled):
    """What is not there is zero, and each member's own weights come back as they were."""
    kernels = [compiled(name) for name in NAMES]
    shape = Shape.of(kernels, WIDTH, MEMBERS)
    theta = weights(kernels, recipe(1), MEMBERS, shape)
    assert (shape.dimension, shape.count) == (3, WIDTH + 1)
    for row, member in zip(theta, MEMBERS, strict=True):
        own = fresh(kernels[member.kind], member)
        np.testing.assert_array_equal(alone(row, member, kernels[member.kind], shape), own)
        assert np.count_nonzero(row) == np.count_nonzero(own)


def test_a_network_is_the_same_in_whatever_company(compiled):
    kernels = [compiled(name) for name in ("gelu", "two")]
    members = [
        Member(kind, 0.01, task, seed) for kind in (0, 1) for task in TASKS for seed in (0, 1)
    ]
    together = run_all(kernels, recipe(20), SIZES, members, "cpu")
    chunks = run_all(kernels, recipe(20), SIZES, members, "cpu", chunk=5)
    np.testing.assert_allclose(chunks, together, rtol=1e-4)
    single = run_all(kernels[:1], recipe(20), SIZES, members[2:3], "cpu")
    np.testing.assert_allclose(single[0], together[2], rtol=1e-4)


def test_a_member_that_diverges_is_nan_and_alone(compiled):
    kernels = [compiled(name) for name in ("gelu", "nan", "exploding")]
    members = [Member(kind, rate, TASKS[0], 0) for kind, rate in ((0, 0.01), (1, 0.01), (2, 300.0))]
    losses = run_all(kernels, recipe(20), SIZES, members, "cpu")
    assert np.isnan(losses).tolist() == [[False, False], [True, True], [True, True]]
    expected = [
        run(kernels[m.kind], recipe(20), SIZES, m.learning_rate, m.task, 0) for m in members
    ]
    np.testing.assert_allclose(losses, expected, rtol=1e-3)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-6), ("float32", 0.05)])
def test_losses_are_the_native_trainers(compiled, dtype, tolerance):
    """On the smoke suite: two thirds of the numbers are out of distribution."""
    kernels = [compiled(name, dtype, 8) for name in ("relu", "gelu", "snake", "turbulent")]
    found = evaluate_all(kernels, SMOKE, (0, 1), "cpu")
    for kernel, own in zip(kernels, found, strict=True):
        native = evaluate(kernel, SMOKE, (0, 1))
        assert (own.suite, own.seeds) == (native.suite, native.seeds)
        for name in ("validation", "ood"):
            logs = [np.log(getattr(evaluation, name)) for evaluation in (own, native)]
            assert np.abs(logs[0] - logs[1]).max() < tolerance
        np.testing.assert_array_equal(own.diverged, native.diverged)


def test_learning_rates_are_the_native_trainers(compiled):
    kernels = tuple(compiled(name, width=8) for name in ("gelu", "exploding", "nan"))
    grid = Recipe(width=8, steps=60, learning_rates=(3.0, 0.02, 1e-5))
    found = learning_rates(kernels, grid, SIZES, "cpu")
    assert found == tuple(learning_rate(kernel, grid, SIZES) for kernel in kernels)
    assert found[0] == 0.02


def test_parameters_keep_within_their_bounds(compiled):
    kernel = compiled("snake")
    members = [Member(0, 0.5, task, 0) for task in TASKS]
    shape = Shape.of([kernel], WIDTH, members)
    theta, _ = train_all([kernel], recipe(30), SIZES, members, shape, "cpu")
    params = theta[:, -2:].numpy()
    assert (kernel.lower <= params).all()
    assert (params <= kernel.upper).all()
    assert (params == kernel.lower).any()


def test_steps_taken_to_capture_one_leave_no_trace(compiled, monkeypatch):
    kernels = [compiled("two"), compiled("turbulent")]
    members = [Member(kind, 0.01, TASKS[0], 0) for kind in (0, 1)]
    expected = run_all(kernels, recipe(5), SIZES, members, "cpu")

    def taken(step, _device):
        step()
        step()
        return step

    monkeypatch.setattr(train, "_repeatable", taken)
    np.testing.assert_array_equal(run_all(kernels, recipe(5), SIZES, members, "cpu"), expected)
