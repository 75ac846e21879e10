from __future__ import annotations

from math import pi, sqrt

import mpmath
import numpy as np
import pytest

from actdsl.evolve.lab.tasks import harmonic

ORDERS = [(degree, order) for degree in range(1, 5) for order in range(-degree, degree + 1)]


def test_orthonormal_on_the_sphere():
    # Gauss-Legendre in cos(theta), equal steps in phi: exact for these degrees.
    cosine, weight = np.polynomial.legendre.leggauss(12)
    phi = np.arange(16) / 16
    u = np.stack(np.meshgrid(np.arccos(cosine) / pi, phi, indexing="ij"), axis=-1).reshape(-1, 2)
    area = np.repeat(weight, 16) * 2 * pi / 16
    values = np.array([harmonic(*lm).function(u) for lm in ORDERS])
    gram = np.einsum("ik,jk,k->ij", values, values, area)
    np.testing.assert_allclose(gram, np.eye(len(ORDERS)), atol=1e-13)


@pytest.mark.parametrize(("degree", "order"), ORDERS)
def test_equals_mpmath(degree, order):
    u = np.random.default_rng(degree).random((6, 2))
    got = harmonic(degree, order).function(u)
    for (u1, u2), value in zip(u, got, strict=True):
        y = mpmath.spherharm(degree, abs(order), pi * u1, 2 * pi * u2)
        if order == 0:
            expected = y.real
        else:
            # (-1)^m undoes mpmath's Condon-Shortley phase.
            expected = sqrt(2) * (-1) ** order * (y.real if order > 0 else y.imag)
        assert value == pytest.approx(float(expected), abs=1e-13)


def test_closed_forms_and_sign_convention():
    u = np.random.default_rng(1).random((20, 2))
    theta, phi = pi * u[:, 0], 2 * pi * u[:, 1]
    x, y, z = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)
    for (degree, order), expected in {
        (1, 1): sqrt(3 / (4 * pi)) * x,
        (1, -1): sqrt(3 / (4 * pi)) * y,
        (2, -2): sqrt(15 / (4 * pi)) * x * y,
        (3, 0): sqrt(7 / (16 * pi)) * z * (5 * z**2 - 3),
    }.items():
        np.testing.assert_allclose(harmonic(degree, order).function(u), expected, atol=1e-14)


def test_high_degrees_stay_normalised():
    cosine, weight = np.polynomial.legendre.leggauss(200)
    u = np.stack([np.arccos(cosine) / pi, np.zeros(200)], axis=1)
    for order in (0, 60, 120):
        values = harmonic(120, order).function(u)
        assert (values**2 * weight).sum() * (2 * pi if order == 0 else pi) == pytest.approx(1)


@pytest.mark.parametrize(("degree", "order"), [(0, 0), (2, 3), (2, -3)])
def test_orders_that_do_not_exist_are_refused(degree, order):
    with pytest.raises(ValueError, match=f"l = {degree}, m = {order}"):
        harmonic(degree, order)
