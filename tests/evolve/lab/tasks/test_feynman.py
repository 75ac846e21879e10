"""The equations against the physics that ties them together."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from actdsl.evolve.lab.tasks import EQUATIONS, feynman

FORMULAS = {equation.name: equation.formula for equation in EQUATIONS}


def of(name, **values):
    return FORMULAS[name](values)


def test_there_are_one_hundred_named_once():
    assert len(EQUATIONS) == len(FORMULAS) == 100
    volumes = [name.split(".")[0] for name in FORMULAS]
    assert [volumes.count(volume) for volume in ("I", "II", "III")] == [51, 34, 15]


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda equation: equation.name)
def test_variables_match_the_formula_and_ranges_are_ranges(equation):
    assert equation.formula.variables == set(equation.variables)
    assert len(equation.variables) == len(set(equation.variables)) == len(equation.ranges)
    assert all(0 <= low < high <= 20 for low, high in equation.ranges)


@pytest.mark.parametrize("name", FORMULAS)
def test_finite_and_varying_all_over_both_cells(name):
    task = feynman(name)
    u = np.random.default_rng(0).random((4000, task.dimension)) / 2
    corners = np.stack(np.meshgrid(*[(0.0, 0.5)] * task.dimension), axis=-1)
    u = np.concatenate([u, corners.reshape(-1, task.dimension)])
    with np.errstate(all="raise"):
        for cell in (u, u + 0.5):
            values = task.function(cell)
            assert values.shape == (len(u),)
            assert np.isfinite(values).all()
            assert np.std(values) > 0


def test_the_unit_cube_maps_to_the_ranges():
    function = feynman("I.12.5").function
    corners = np.array([[0, 0], [0, 1], [1, 1], [0.5, 0.5]])
    np.testing.assert_array_equal(function(corners), [1, 5, 25, 9])


def test_relativity():
    m, v, c = 2.0, 1.5, 3.0
    energy, momentum = of("I.48.2", m=m, v=v, c=c), of("I.15.1", m_0=m, v=v, c=c)
    assert energy**2 == pytest.approx((momentum * c) ** 2 + (m * c**2) ** 2)
    assert energy == pytest.approx(of("I.10.7", m_0=m, v=v, c=c) * c**2)
    x, t = of("I.15.3x", x=5.0, t=1.2, u=v, c=c), of("I.15.3t", x=5.0, t=1.2, u=v, c=c)
    assert x**2 - (c * t) ** 2 == pytest.approx(5.0**2 - (c * 1.2) ** 2)
    assert of("I.16.6", u=v, v=c, c=c) == pytest.approx(c)
    assert of("I.34.14", omega_0=2.0, v=v, c=c) == pytest.approx(2 * np.sqrt(3))
    assert of("II.13.34", rho_0=2.0, v=v, c=c) == pytest.approx(
        of("II.13.23", rho_0=2.0, v=v, c=c) * v
    )


def test_optics():
    assert of("I.30.3", I_0=3.0, n=2.0, theta=1.1) == pytest.approx(3 * 4 * np.cos(0.55) ** 2)
    assert of("I.37.4", I1=2.0, I2=2.0, delta=1.1) == pytest.approx(8 * np.cos(0.55) ** 2)
    assert np.sin(of("I.30.5", lambda_=1.5, n=2.0, d=3.0)) == pytest.approx(0.25)
    assert np.sin(of("I.26.2", n=0.5, theta2=1.0)) == pytest.approx(0.5 * np.sin(1))
    assert 1 / of("I.27.6", d1=2.0, d2=3.0, n=1.5) == pytest.approx(1 / 2 + 1.5 / 3)


def test_distances():
    cartesian = of("I.8.14", x1=2 * np.cos(1), y1=2 * np.sin(1), x2=3 * np.cos(2), y2=3 * np.sin(2))
    assert of("I.29.16", x1=2.0, x2=3.0, theta1=1.0, theta2=2.0) == pytest.approx(cartesian)
    assert of("I.29.16", x1=3.3, x2=3.3, theta1=1.7, theta2=1.7) == 0
    gravity = of("I.9.18", G=2.0, m1=3.0, m2=1.0, x1=3.0, x2=1.0, y1=4.0, y2=2.0, z1=3.0, z2=2.0)
    assert gravity == pytest.approx(6 / 9)


def test_the_normal_densities_integrate_to_one():
    theta = np.linspace(-40, 40, 8001)
    step = theta[1] - theta[0]
    assert of("I.6.2a", theta=theta).sum() * step == pytest.approx(1)
    assert of("I.6.2", theta=theta, sigma=2.5).sum() * step == pytest.approx(1)
    assert of("I.6.2b", theta=theta, theta1=1.3, sigma=2.5).sum() * step == pytest.approx(1)


def test_electricity():
    q, epsilon, r = 2.0, 1.5, 3.0
    field = of("I.12.4", q1=q, epsilon=epsilon, r=r)
    assert of("I.12.2", q1=q, q2=4.0, epsilon=epsilon, r=r) == pytest.approx(4 * field)
    assert of("II.4.23", q=q, epsilon=epsilon, r=r) == pytest.approx(field * r)
    # A dipole's field is minus the gradient of its potential: across the axis and along it.
    p, theta, h = 1.2, 0.7, 1e-6

    def potential(rho, z):
        distance = np.hypot(rho, z)
        return of("II.6.11", p=p, theta=np.arccos(z / distance), epsilon=epsilon, r=distance)

    rho, z = r * np.sin(theta), r * np.cos(theta)
    across = -(potential(rho + h, z) - potential(rho - h, z)) / (2 * h)
    cartesian = of("II.6.15a", p=p, x=0.6 * rho, y=0.8 * rho, z=z, epsilon=epsilon, r=r)
    polar = of("II.6.15b", p=p, theta=theta, epsilon=epsilon, r=r)
    assert cartesian == pytest.approx(across, rel=1e-7)
    assert polar == pytest.approx(across, rel=1e-7)


def test_dielectrics():
    index = of("II.11.28", n=0.4, alpha=0.9)
    polarisation = of("II.11.27", n=0.4, alpha=0.9, epsilon=1.3, E=1.7)
    assert polarisation == pytest.approx((index - 1) * 1.3 * 1.7)
    assert (index - 1) / (index + 2) == pytest.approx(0.4 * 0.9 / 3)  # Clausius and Mossotti


def test_the_atom():
    m, q, h, epsilon = 2.0, 1.5, 3.0, 1.2
    radius = of("I.38.12", m=m, q=q, h=h, epsilon=epsilon)
    energy = of("III.19.51", m=m, q=q, h=h, epsilon=epsilon, n=1.0)
    assert energy == pytest.approx(-of("II.4.23", q=q, epsilon=epsilon, r=radius) * q / 2)
    magneton = of("II.34.29a", q=q, h=h, m=m)
    assert of("III.7.38", mu=magneton, B=2.0, h=h) == pytest.approx(
        of("II.34.11", g=2.0, q=q, B=2.0, m=m)
    )


def test_heat():
    h, omega, k, temperature = 2.0, 3.0, 1.5, 4.0
    mean = of("III.4.32", h=h, omega=omega, k_B=k, T=temperature)
    energy = of("III.4.33", h=h, omega=omega, k_B=k, T=temperature)
    assert energy == pytest.approx(of("I.34.27", h=h, omega=omega) * mean)
    assert np.log(1 / mean + 1) == pytest.approx(h * omega / (2 * pi * k * temperature))
    radiated = of("I.41.16", h=h, omega=omega, c=2.0, k_B=k, T=temperature)
    assert radiated == pytest.approx(energy * omega**2 / (pi**2 * 2.0**2))
    assert of("I.44.4", n=1.0, k_B=1.0, T=2.0, V1=1.0, V2=np.e) == pytest.approx(2)
    up, down = (
        of("II.35.18", n_0=2.0, mu=1.0, B=b, k_B=1.0, T=1.5) * np.exp(b / 1.5) for b in (1.2, -1.2)
    )
    assert up + down == pytest.approx(2)
    assert of("II.35.21", n=2.0, mu=1.0, B=1.2, k_B=1.0, T=1.5) == pytest.approx(up - down)


def test_transition_probability_at_resonance_is_the_limit():
    values = {"p": 1.2, "E": 1.3, "t": 1.4, "h": 1.5}
    at = of("III.9.52", omega=3.0, omega_0=3.0, **values)
    near = of("III.9.52", omega=3.0 + 1e-6, omega_0=3.0, **values)
    assert at == pytest.approx(2 * pi * 1.2 * 1.3 * 1.4 / 1.5)
    assert near == pytest.approx(at, rel=1e-11)
    s = (4.5 - 3.0) * 1.4 / 2
    off = of("III.9.52", omega=4.5, omega_0=3.0, **values)
    assert off == pytest.approx(at * (np.sin(s) / s) ** 2)
