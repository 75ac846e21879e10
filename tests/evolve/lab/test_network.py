from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab import Recipe
from actdsl.evolve.lab.network import initial, split

RECIPE = Recipe(width=64, steps=1, learning_rates=(0.01,))
PLAIN = Recipe(width=64, steps=1, learning_rates=(0.01,), gain_correction=False)


def test_the_initial_weights_are_those_of_torch_linear_and_ignore_the_candidate(compiled):
    plain = initial(np.random.default_rng(3), 4, PLAIN, compiled("relu", width=64))
    parametric = initial(np.random.default_rng(3), 4, PLAIN, compiled("snake", width=64))
    np.testing.assert_array_equal(parametric[: plain.size], plain)
    np.testing.assert_array_equal(parametric[plain.size :], [1, 1])
    w1, b1, w2, b2, w3, b3, *_ = split(plain, 4, 64, 0)
    for weight, fan_in in ((w1, 4), (b1, 4), (w2, 64), (b2, 64), (w3, 64), (b3, 64)):
        assert np.abs(weight).max() <= fan_in**-0.5
    assert np.std(w2) == pytest.approx(1 / np.sqrt(3 * 64), rel=0.03)


def test_weights_behind_an_activation_make_up_for_its_gain(compiled):
    kernel = compiled("snake", "float64", width=64)
    plain = split(initial(np.random.default_rng(3), 4, PLAIN, kernel), 4, 64, 1)
    corrected = split(initial(np.random.default_rng(3), 4, RECIPE, kernel), 4, 64, 1)
    for name, before, after in zip(plain._fields, plain, corrected, strict=True):
        factor = kernel.gain if name in ("w2", "w3") else 1
        np.testing.assert_allclose(after, before * factor, rtol=1e-12)


def test_parts_are_views_that_cover_the_vector():
    theta = np.arange(4 * 8 + 8 + 64 + 8 + 8 + 1 + 2 * 3.0)
    parts = split(theta, 4, 8, 3)
    np.testing.assert_array_equal(np.concatenate([part.ravel() for part in parts]), theta)
    assert all(np.shares_memory(part, theta) for part in parts)
