from __future__ import annotations

import numpy as np
import pytest
import torch

from actdsl.evolve.lab.adam import adam


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-13)])
def test_updates_are_those_of_torch(dtype, tolerance):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=37).astype(dtype)
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    weights = torch.tensor(theta, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.02)
    for step in range(1, 30):
        gradient = (rng.normal(size=37) * 10.0 ** rng.integers(-9, 3, 37)).astype(dtype)
        adam(theta, gradient, first, second, step, 0.02)
        weights.grad = torch.tensor(gradient)
        optimiser.step()
        np.testing.assert_allclose(theta, weights.detach(), rtol=tolerance, atol=tolerance)
