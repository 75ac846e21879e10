from __future__ import annotations

from math import comb

import numpy as np
import pytest

from actdsl.evolve.lab.tasks import polynomial


def test_values_match_a_sum_of_products_written_out():
    task = polynomial(2, 2, seed=3)
    a, b, c, d, e = task.function.coefficients
    u = np.random.default_rng(0).random((50, 2))
    x, y = (2 * u - 1).T
    expected = a * x + b * y + c * x**2 + d * x * y + e * y**2
    np.testing.assert_allclose(task.function(u), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("degree", [2, 3, 4])
def test_every_monomial_up_to_the_degree_appears_once(dimension, degree):
    function = polynomial(dimension, degree, seed=0).function
    assert len(set(function.monomials)) == comb(dimension + degree, degree) - 1
    assert max(map(len, function.monomials)) == degree
    assert all(-1 <= c < 1 for c in function.coefficients)


def test_differences_of_one_order_more_than_the_degree_vanish():
    values = polynomial(1, 4, seed=1).function(np.linspace(0, 1, 9)[:, None])
    assert np.abs(np.diff(values, 5)).max() < 1e-13
    assert np.abs(np.diff(values, 4)).max() > 1e-4


def test_the_seed_decides_the_polynomial():
    assert polynomial(2, 3, seed=1) == polynomial(2, 3, seed=1)
    assert polynomial(2, 3, seed=1).function != polynomial(2, 3, seed=2).function


def test_the_formula_says_the_function():
    assert polynomial(2, 2, seed=1).formula.split()[3].endswith("*z1*z2")
