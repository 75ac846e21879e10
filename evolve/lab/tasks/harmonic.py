"""Real spherical harmonics Y_lm as functions of the two angles."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from .shift import Rows
from .task import Task

FAMILY = "harmonic"


def legendre(l: int, m: int, cosine: Rows, sine: Rows) -> Rows:  # noqa: E741
    """Associated Legendre function of the polar angle, normalised on the sphere, m >= 0.

    Normalised so that its square times 2 pi sin(theta) integrates to 1 over [0, pi]; without the
    Condon-Shortley phase. The recurrence runs upwards in l at fixed m, the stable direction, on the
    normalised functions themselves, so no factorial is ever formed (Holmes and Featherstone,
    Journal of Geodesy 76, 2002, eqs. 11 to 13).
    """
    current = np.full_like(cosine, sqrt(1 / (4 * pi)))
    for k in range(1, m + 1):
        current = sqrt((2 * k + 1) / (2 * k)) * sine * current
    previous = np.zeros_like(current)
    for k in range(m + 1, l + 1):
        up = sqrt((4 * k * k - 1) / (k * k - m * m))
        back = sqrt(((k - 1) ** 2 - m * m) / (4 * (k - 1) ** 2 - 1))
        previous, current = current, up * (cosine * current - back * previous)
    return current


@dataclass(frozen=True)
class Harmonic:
    """Y_lm at theta = pi u1 and phi = 2 pi u2: real, orthonormal, -l <= m <= l.

    Positive m goes with cos(m phi), negative m with sin(|m| phi); no Condon-Shortley phase, so
    Y_11 is proportional to +x.
    """

    l: int  # noqa: E741
    m: int

    def __call__(self, u: Rows) -> Rows:
        theta, phi = pi * u[:, 0], 2 * pi * u[:, 1]
        polar = legendre(self.l, abs(self.m), np.cos(theta), np.sin(theta))
        if self.m == 0:
            return polar
        azimuth = np.cos(self.m * phi) if self.m > 0 else np.sin(-self.m * phi)
        return sqrt(2) * polar * azimuth


def harmonic(l: int, m: int) -> Task:  # noqa: E741
    """The real spherical harmonic of degree ``l`` and order ``m``.

    Training covers a quarter of the sphere (theta < pi/2, phi < pi); the out-of-distribution
    quarter is the antipodal one.

    Raises:
        ValueError: if not 1 <= l or not -l <= m <= l.
    """
    if l < 1 or abs(m) > l:
        raise ValueError(f"no harmonic with l = {l}, m = {m} to learn: need l >= 1 and |m| <= l")
    return Task(
        name=f"harmonic/l{l}m{m}",
        family=FAMILY,
        dimension=2,
        function=Harmonic(l, m),
        formula=f"Y({l}, {m}; theta = pi*u1, phi = 2*pi*u2)",
        source="real orthonormal spherical harmonics",
    )
