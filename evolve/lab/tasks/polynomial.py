"""Random polynomials: every monomial up to a total degree, coefficients drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from .shift import Rows
from .task import Task

FAMILY = "polynomial"


@dataclass(frozen=True)
class Polynomial:
    """The sum of ``coefficients[k]`` times the product of the variables listed in ``monomials[k]``.

    The variables are ``z = 2u - 1`` in [-1, 1], u being the scaled ones, so training sees negative
    z and the out-of-distribution points have positive z.
    """

    coefficients: tuple[float, ...]
    monomials: tuple[tuple[int, ...], ...]

    def __call__(self, u: Rows) -> Rows:
        z = 2 * u - 1
        total = np.zeros(len(u))
        for coefficient, variables in zip(self.coefficients, self.monomials, strict=True):
            term = np.full(len(u), coefficient)
            for i in variables:
                term *= z[:, i]
            total += term
        return total

    def __str__(self) -> str:
        terms = (
            "*".join([f"{coefficient:+.4g}", *(f"z{i + 1}" for i in variables)])
            for coefficient, variables in zip(self.coefficients, self.monomials, strict=True)
        )
        return " ".join(terms)


def polynomial(dimension: int, degree: int, seed: int) -> Task:
    """A polynomial in ``dimension`` variables with all monomials of total degree 1 to ``degree``.

    Coefficients are uniform in [-1, 1): a draw without transcendental functions, hence the same
    bits everywhere. There is no constant term, because targets are standardised.
    """
    monomials = tuple(
        variables
        for total in range(1, degree + 1)
        for variables in combinations_with_replacement(range(dimension), total)
    )
    rng = np.random.default_rng([dimension, degree, seed])
    function = Polynomial(tuple(rng.uniform(-1, 1, len(monomials)).tolist()), monomials)
    return Task(
        name=f"polynomial/d{dimension}k{degree}s{seed}",
        family=FAMILY,
        dimension=dimension,
        function=function,
        formula=str(function),
        source=f"random, degree {degree}, seed {seed}",
    )
