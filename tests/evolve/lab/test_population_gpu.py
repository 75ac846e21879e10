"""The population's trainer on a GPU: one kernel, one CUDA graph, against the same on the CPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from actdsl.evolve.evaluation.device import Device
from actdsl.evolve.lab import Recipe
from actdsl.evolve.lab.population import Member, adam, evaluate_all, run_all, train_all
from actdsl.evolve.lab.population.members import Shape
from actdsl.evolve.lab.suites import SMOKE
from actdsl.evolve.lab.tasks import Sizes, harmonic, polynomial

DEVICE = "cuda"
NAMES = ("relu", "gelu", "snake", "two", "centred_tanh", "turbulent", "shifted")
SIZES = Sizes(train=64, valid=24, ood=24)
TASKS = (polynomial(3, 3, seed=5), harmonic(2, 1))
RECIPE = Recipe(32, 50, learning_rates=(0.01,))
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.fixture
def population(compiled):
    """``population(dtype)``: kernels of every kind, members and their shape."""

    def made(dtype="float32"):
        kernels = [compiled(name, dtype, RECIPE.width) for name in NAMES]
        members = [Member(k, 0.01, task, 0) for k in range(len(NAMES)) for task in TASKS]
        return kernels, members, Shape.of(kernels, RECIPE.width, members)

    return made


def trained(kernels, members, shape, device):
    theta, finite = train_all(kernels, RECIPE, SIZES, members, shape, device)
    assert finite.all()
    return theta.cpu()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-3)])
def test_weights_are_the_cpus(population, dtype, tolerance):
    whole = population(dtype)
    here, there = (trained(*whole, device) for device in ("cpu", DEVICE))
    apart = (here - there).norm(dim=1) / here.norm(dim=1)
    assert apart.max() < tolerance


def test_two_runs_are_identical(population):
    whole = population()
    assert torch.equal(trained(*whole, DEVICE), trained(*whole, DEVICE))


def test_a_step_is_captured_once(population, monkeypatch):
    """Python goes through a few steps, whatever the number of those that are taken."""
    steps, real = [], adam.Adam.update
    monkeypatch.setattr(adam.Adam, "update", lambda self: (steps.append(self), real(self)))
    trained(*population(), DEVICE)
    assert len(steps) < 5 < RECIPE.steps


def test_chunks_and_divergence(population, compiled):
    kernels, members, _ = population()
    kernels = [*kernels, compiled("nan", width=RECIPE.width)]
    members = [*members, Member(len(NAMES), 0.01, TASKS[0], 0)]
    whole = run_all(kernels, RECIPE, SIZES, members, DEVICE)
    parts = run_all(kernels, RECIPE, SIZES, members, DEVICE, chunk=4)
    assert np.isnan(whole[-1]).all()
    np.testing.assert_allclose(np.log(parts), np.log(whole), atol=0.05)


def test_evaluations_are_the_cpus(compiled):
    kernels = [compiled(name, "float64", SMOKE.recipe.width) for name in NAMES]
    here, there = (evaluate_all(kernels, SMOKE, (0, 1), device) for device in ("cpu", DEVICE))
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(np.log(a.ood), np.log(b.ood), atol=1e-4)


def test_more_members_than_the_device_has_room_for_blocks(compiled):
    kernels = [compiled("gelu", width=RECIPE.width)]
    members = [Member(0, 0.01, TASKS[0], seed) for seed in range(2048)]
    losses = run_all(kernels, RECIPE, SIZES, members, DEVICE)
    few = run_all(kernels, RECIPE, SIZES, members[-3:], DEVICE)
    assert np.isfinite(losses).all()
    np.testing.assert_allclose(np.log(losses[-3:]), np.log(few), atol=0.05)


def test_texts_are_compared_on_it(hands, tmp_path, monkeypatch):
    monkeypatch.setenv("ACTDSL_CACHE_DIR", str(tmp_path))
    texts = [hands[name].text for name in NAMES]
    first, again = (dict(Device(SMOKE, DEVICE).outcomes(texts, (0,))) for _ in range(2))
    assert not any(outcome.error for outcome in first.values())
    assert {k: v.losses for k, v in first.items()} == {k: v.losses for k, v in again.items()}
