from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab.product import product

SHAPES = [(64, 32, 32), (1, 64, 32), (5, 3, 7), (7, 5, 50), (3, 1, 1), (9, 0, 33), (1, 2, 90)]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("transposed", [False, True])
def test_it_is_the_product_of_matrices_plus_a_row(shape, dtype, tolerance, transposed):
    m, k, n = shape
    rng = np.random.default_rng(m)
    a = rng.normal(size=(k, m) if transposed else (m, k)).astype(dtype)
    a = a.T if transposed else a
    b, start = rng.normal(size=(k, n)).astype(dtype), rng.normal(size=n).astype(dtype)
    around = np.full((m + 2, n), np.nan, dtype)
    product(a, b, start, around[1:-1])
    expected = a.astype(np.float64) @ b.astype(np.float64) + start
    np.testing.assert_allclose(around[1:-1], expected, rtol=tolerance, atol=tolerance * (k + 1))
    assert np.isnan(around[[0, -1]]).all()


def test_what_is_not_finite_stays_so():
    a, b = np.array([[np.inf, 1]]), np.array([[1.0, 0], [np.nan, 2]])
    c = np.empty((1, 2))
    product(a, b, np.zeros(2), c)
    assert np.isnan(c).all()
