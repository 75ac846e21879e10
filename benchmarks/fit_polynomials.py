"""Print the coefficients of the polynomials in `actdsl.backends.vecmath`.

Each fit interpolates at Chebyshev nodes in 60-digit arithmetic, which lies within a small factor of
the minimax polynomial. Beside the coefficients stands the largest error of the polynomial with
its coefficients rounded to float64, as a multiple of 2**-53 of the whole function: below 0.1 it
disappears in the rounding of the arithmetic.

Source: L. N. Trefethen, Approximation Theory and Approximation Practice (SIAM, 2013).
Run: python benchmarks/fit_polynomials.py [NAME...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import mpf

Real = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Fit:
    """A polynomial for `inner(v)` on `interval`, whose error d weighs d * weight(v) in the end."""

    name: str
    inner: Real
    degree: int
    interval: tuple[mpf, mpf]
    weight: Real

    def coefficients(self) -> list[float]:
        """Coefficients from the highest power down, rounded to float64."""
        return [float(c) for c in mpmath.chebyfit(self.inner, list(self.interval), self.degree + 1)]

    def error(self, coefficients: list[float]) -> float:
        """Largest weighted error on a fine grid, in units of 2**-53."""
        low, high = self.interval
        grid = [low + (high - low) * (i + mpf(1) / 2) / 1000 for i in range(1000)]
        polynomial = [mpf(c) for c in coefficients]
        worst = max(
            abs((mpmath.polyval(polynomial, v) - self.inner(v)) * self.weight(v)) for v in grid
        )
        return float(worst * mpf(2) ** 53)


def main(names: list[str]) -> None:
    """Print the fits called `names`, or all."""
    mpmath.mp.dps = 60
    for fit in fits():
        if names and fit.name not in names:
            continue
        coefficients = fit.coefficients()
        low, high = (mpmath.nstr(end, 8) for end in fit.interval)
        print(f"{fit.name}: degree {fit.degree} on [{low}, {high}],", end=" ")
        print(f"error {fit.error(coefficients):.2g} * 2**-53")
        for coefficient in coefficients:
            print(f"    {coefficient!r}")
    for name, value in constants().items():
        if not names or name in names:
            print(f"{name}: {' '.join(map(repr, parts(value)))}")


def fits() -> list[Fit]:
    """Every polynomial of the package."""
    half_ln2 = mpmath.log(2) / 2 * mpf("1.0001")
    quarter_turn = (mpmath.pi / 4 * mpf("1.005")) ** 2
    eighth_tangent = mpmath.tan(mpmath.pi / 8) ** 2
    log_argument = (3 - 2 * mpmath.sqrt(2)) ** 2 * mpf("1.0001")
    right_half_line = (_erfc_variable(mpf("27.3")), _erfc_variable(mpf("0.476")))
    return [
        Fit("exp", _exp_tail, 9, (-half_ln2, half_ln2), lambda r: r),
        Fit("exp2", _exp2_tail, 10, (mpf("-0.5"), mpf("0.5")), lambda r: r / 2**r),
        Fit("log", _log_tail, 6, (_TINY, log_argument), lambda z: z / 2),
        Fit("log2_pow", _atanh_tail(5), 7, (_TINY, log_argument), lambda z: z * z * 2**11),
        Fit("sin", _sin_tail, 5, (_TINY, quarter_turn), lambda z: z),
        Fit("cos", _cos_tail, 5, (_TINY, quarter_turn), lambda z: z * z * mpmath.sqrt(2)),
        Fit("atan", _atan_tail, 10, (_TINY, eighth_tangent), lambda z: z),
        Fit("erf", _erf_tail, 8, (_TINY, mpf("0.48") ** 2), lambda _: mpf(1)),
        Fit("erfc", _erfc_scaled, 20, right_half_line, lambda v: 1 / _erfc_scaled(v)),
    ]


_TINY = mpf(2) ** -40


def _exp_tail(r: mpf) -> mpf:
    return (mpmath.expm1(r) - r) / r**2 if r else mpf(1) / 2


def _exp2_tail(r: mpf) -> mpf:
    return mpmath.expm1(r * mpmath.log(2)) / r if r else mpmath.log(2)


def _log_tail(z: mpf) -> mpf:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def _atanh_tail(power: int) -> Real:
    def tail(z: mpf) -> mpf:
        return sum((z**i / (2 * i + power) for i in range(60)), mpf(0))

    return tail


def _sin_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (mpmath.sin(x) - x) / x**3


def _cos_tail(z: mpf) -> mpf:
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def _atan_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (mpmath.atan(x) - x) / x**3


def _erf_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return mpmath.erf(x) / x - 1


def _erfc_variable(x: mpf) -> mpf:
    return mpf("2.75") / (x + mpf("2.75")) - mpf("0.4375")


def _erfc_scaled(v: mpf) -> mpf:
    t = v + mpf("0.4375")
    x = mpf("2.75") / t - mpf("2.75")
    return mpmath.erfc(x) * mpmath.exp(x * x) / t


def constants() -> dict[str, mpf]:
    """Constants that are used as a sum of float64 parts."""
    return {
        "ln 2": mpmath.log(2),
        "2 / ln 2": 2 / mpmath.log(2),
        "1 / 3": mpf(1) / 3,
        "pi": +mpmath.pi,
        "pi / 2": mpmath.pi / 2,
        "pi / 4": mpmath.pi / 4,
        "2 / pi": 2 / mpmath.pi,
    }


def parts(value: mpf, count: int = 4) -> list[float]:
    """`value` as a sum of float64 numbers, each rounding what is left."""
    found: list[float] = []
    for _ in range(count):
        found.append(float(value))
        value -= mpf(found[-1])
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
