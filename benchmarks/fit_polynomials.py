"""Print the coefficients of the polynomials in `vecmath` and `cuda` of the backends, and in the prelude.

Polynomials interpolate at Chebyshev nodes in 60-digit arithmetic, which lies within a small factor
of the minimax polynomial. Quotients of two polynomials are fitted by weighted least squares, again
and again with more weight where the error is large. Above the coefficients, highest power first,
stands the largest relative error they cause in the function, coefficients rounded to float64: below
2**-56 it disappears in the rounding of float64 arithmetic, and below 2**-31 in that to float32.

Coefficients of float32 are fitted by weighted least squares in the same way, and rounded one by one
from the lowest power on: each fit makes up for what was rounded before.

Sources: L. N. Trefethen, Approximation Theory and Approximation Practice (SIAM, 2013); for
quotients, C. L. Lawson, Contributions to the Theory of Linear Least Maximum Approximation (thesis,
UCLA, 1961), and H. L. Loeb, On rational fraction approximations at discrete points (Convair
Astronautics, 1957).
Run: python benchmarks/fit_polynomials.py [FUNCTION...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from mpmath import mpf

Real = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Polynomial:
    """A polynomial for `inner(v)` on `interval`, whose error d weighs d * weight(v) in the end.

    `name` is that of the function in whose text the coefficients stand.
    """

    name: str
    inner: Real
    degree: int
    interval: tuple[mpf, mpf]
    weight: Real

    def title(self) -> str:
        """What is fitted."""
        return f"degree {self.degree} on {_shown(self.interval)}"

    def coefficients(self) -> list[list[float]]:
        """Coefficients from the highest power down, rounded to float64."""
        fitted = mpmath.chebyfit(self.inner, list(self.interval), self.degree + 1)
        return [[float(c) for c in fitted]]

    def error(self, coefficients: list[list[float]]) -> mpf:
        """Largest weighted error on a fine grid."""
        polynomial = [mpf(c) for c in coefficients[0]]
        return max(
            abs((mpmath.polyval(polynomial, v) - self.inner(v)) * self.weight(v))
            for v in _grid(self.interval)
        )


@dataclass(frozen=True)
class Quotient:
    """Two polynomials whose quotient is `inner(v)` on `interval`; its relative error counts.

    `name` is that of the function in whose text the coefficients stand.
    """

    name: str
    inner: Real
    degrees: tuple[int, int]
    interval: tuple[mpf, mpf]
    nodes: int

    def title(self) -> str:
        """What is fitted."""
        return f"degree {self.degrees[0]} over {self.degrees[1]} on {_shown(self.interval)}"

    def coefficients(self) -> list[list[float]]:
        """Numerator and denominator from the highest power down; the last of the latter is 1."""
        points = _nodes(self.interval, self.nodes)
        values = [self.inner(v) for v in points]
        weights = scale = [mpf(1)] * self.nodes
        found = []
        for _ in range(_ROUNDS):
            above, below = self._least_squares(points, values, weights, scale)
            scale = [abs(mpmath.polyval(below, v)) for v in points]
            quotients = [mpmath.polyval(above, v) / q for v, q in zip(points, scale, strict=True)]
            errors = [abs(f / y - 1) for f, y in zip(quotients, values, strict=True)]
            found.append((max(errors), above, below))
            weights = _heavier(weights, errors)
        _, *best = min(found, key=lambda round: round[0])
        return [[float(c) for c in polynomial] for polynomial in best]

    def error(self, coefficients: list[list[float]]) -> mpf:
        """Largest relative error on a fine grid."""
        above, below = ([mpf(c) for c in polynomial] for polynomial in coefficients)
        return max(
            abs(mpmath.polyval(above, v) / mpmath.polyval(below, v) / self.inner(v) - 1)
            for v in _grid(self.interval)
        )

    def _least_squares(
        self,
        points: Sequence[mpf],
        values: Sequence[mpf],
        weights: Sequence[mpf],
        scale: Sequence[mpf],
    ) -> tuple[list[mpf], list[mpf]]:
        """Numerator and denominator with the least weighted squares of (p - y q) / (y scale).

        That is linear in the coefficients and, where scale is q, the relative error.
        """
        above, below = self.degrees
        rows, wanted = [], []
        for v, y, weight, q in zip(points, values, weights, scale, strict=True):
            factor = mpmath.sqrt(weight) / (y * q)
            powers = [v**k for k in range(max(above, below), -1, -1)]
            numerator = [factor * power for power in powers[-above - 1 :]]
            denominator = [-factor * y * power for power in powers[-below - 1 : -1]]
            rows.append([*numerator, *denominator])
            wanted.append(factor * y)
        solution = list(mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(wanted)))
        return solution[: above + 1], [*solution[above + 1 :], mpf(1)]


@dataclass(frozen=True)
class Rounded(Polynomial):
    """A polynomial whose coefficients are float32, printed with as few digits as tell them apart."""

    def coefficients(self) -> list[list[float]]:
        """Coefficients from the highest power down."""
        points = _nodes(self.interval, 6 * (self.degree + 2))
        values = [self.inner(v) for v in points]
        weights = [self.weight(v) for v in points]
        with mpmath.workdps(30):
            raised = self._levelled(points, values, weights)
            found: list[mpf] = []
            while len(found) <= self.degree:
                left = [
                    y - mpmath.polyval(found[::-1], v) for v, y in zip(points, values, strict=True)
                ]
                first, *_ = self._least_squares(points, left, raised, len(found))
                found.append(mpf(float(np.float32(float(first)))))
        return [[float(str(np.float32(float(c)))) for c in reversed(found)]]

    def error(self, coefficients: list[list[float]]) -> mpf:
        """Largest weighted error on a fine grid."""
        return super().error([[float(np.float32(c)) for c in coefficients[0]]])

    def _levelled(
        self, points: Sequence[mpf], values: Sequence[mpf], weights: Sequence[mpf]
    ) -> list[mpf]:
        """Weights with which least squares come closest to the least maximum."""
        raised = [mpf(1)] * len(points)
        found = []
        for _ in range(_ROUNDS // 2):
            fitted = self._least_squares(points, values, _products(raised, weights), 0)[::-1]
            errors = [
                abs((mpmath.polyval(fitted, v) - y) * w)
                for v, y, w in zip(points, values, weights, strict=True)
            ]
            found.append((max(errors), raised))
            raised = _heavier(raised, errors)
        _, best = min(found, key=lambda round: round[0])
        return _products(best, weights)

    def _least_squares(
        self, points: Sequence[mpf], values: Sequence[mpf], weights: Sequence[mpf], lowest: int
    ) -> list[mpf]:
        """Coefficients of the powers from the lowest to the degree; weights are of squares."""
        roots = [mpmath.sqrt(w) for w in weights]
        powers = range(lowest, self.degree + 1)
        rows = [[root * v**k for k in powers] for v, root in zip(points, roots, strict=True)]
        wanted = [root * y for y, root in zip(values, roots, strict=True)]
        return list(mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(wanted)))


_ROUNDS = 40


def _products(raised: Sequence[mpf], weights: Sequence[mpf]) -> list[mpf]:
    return [a * w * w for a, w in zip(raised, weights, strict=True)]


def _nodes(interval: tuple[mpf, mpf], count: int) -> list[mpf]:
    """Chebyshev nodes."""
    low, high = interval
    angles = (mpmath.pi * (2 * i + 1) / (2 * count) for i in range(count))
    return [(low + high) / 2 + (high - low) / 2 * mpmath.cos(angle) for angle in angles]


def _heavier(weights: Sequence[mpf], errors: Sequence[mpf]) -> list[mpf]:
    """Weights multiplied by the errors, on average 1."""
    mean = sum(errors) / len(errors)
    # Without the thousandth a point that was met once would never count again.
    raised = [w * (e / mean + mpf("1e-3")) for w, e in zip(weights, errors, strict=True)]
    mean = sum(raised) / len(raised)
    return [w / mean for w in raised]


def _shown(interval: tuple[mpf, mpf]) -> str:
    low, high = (mpmath.nstr(end, 8) for end in interval)
    return f"[{low}, {high}]"


def _grid(interval: tuple[mpf, mpf]) -> list[mpf]:
    low, high = interval
    return [low + (high - low) * (i + mpf(1) / 2) / 1000 for i in range(1000)]


def main(names: list[str]) -> None:
    """Print the fits of the functions called `names`, or all."""
    mpmath.mp.dps = 60
    for fit in [*double_fits(), *short_fits(), *single_fits(), *cuda_fits(), *prelude_fits()]:
        if names and fit.name not in names:
            continue
        coefficients = fit.coefficients()
        error = float(mpmath.log(fit.error(coefficients), 2))
        print(f"{fit.name}: {fit.title()}, error 2**{error:.1f}")
        for polynomial in coefficients:
            print("\n".join(f"    {coefficient!r}" for coefficient in polynomial))
    for name, value in constants().items():
        if not names or name in names:
            print(f"{name}: {' '.join(map(repr, parts(value)))}")
    for name, value in constants().items():
        if not names or f"{name} in float32" in names:
            print(f"{name} in float32: {' '.join(map(str, single_parts(value, name == 'pi')))}")


def double_fits() -> list[Polynomial]:
    """Every polynomial of `vecmath.double`."""
    half_ln2 = mpmath.log(2) / 2 * mpf("1.0001")
    quarter_turn = (mpmath.pi / 4 * mpf("1.005")) ** 2
    eighth_tangent = mpmath.tan(mpmath.pi / 8) ** 2
    log_argument = (3 - 2 * mpmath.sqrt(2)) ** 2 * mpf("1.0001")
    right_half_line = (_erfc_variable(mpf("27.3")), _erfc_variable(mpf("0.476")))
    return [
        Polynomial("exp_sum", _exp_tail, 9, (-half_ln2, half_ln2), _in_exp),
        Polynomial("quarter_expm1", _exp_tail, 9, (-half_ln2, half_ln2), _in_expm1),
        Polynomial("exp2", _exp2_tail, 10, (mpf("-0.5"), mpf("0.5")), lambda r: r / 2**r),
        Polynomial("log_tail", _log_tail, 6, (_TINY, log_argument), lambda z: z / 2),
        Polynomial("log2_pair", _atanh_tail, 7, (_TINY, log_argument), lambda z: z * z),
        Polynomial("sine", _sin_tail, 5, (_TINY, quarter_turn), lambda z: z),
        Polynomial("cosine", _cos_tail, 5, (_TINY, quarter_turn), _in_cos),
        Polynomial("atan", _atan_tail, 10, (_TINY, eighth_tangent), lambda z: z),
        Polynomial("erf_centre", _erf_tail, 8, (_TINY, mpf("0.48") ** 2), lambda _: mpf(1)),
        Polynomial("erfc_right", _erfc_scaled, 20, right_half_line, lambda v: 1 / _erfc_scaled(v)),
    ]


def short_fits() -> list[Polynomial | Quotient]:
    """Every polynomial and quotient of `vecmath.short`."""
    half_ln2 = mpmath.log(2) / 2 * mpf("1.0001")
    quarter_turn = (mpmath.pi / 4 * mpf("1.005")) ** 2
    half_turn = (mpmath.pi / 2 * mpf("1.002")) ** 2
    log_argument = (3 - 2 * mpmath.sqrt(2)) ** 2 * mpf("1.0001")
    softplus_argument = mpf(1) / 9 * mpf("1.0001")
    return [
        Polynomial("exp_short", _exp_tail, 5, (-half_ln2, half_ln2), _in_exp),
        Polynomial("bounded_expm1_short", _exp_tail, 5, (-half_ln2, half_ln2), _in_expm1),
        Polynomial("exp2_short", _exp2_tail, 6, (mpf("-0.5"), mpf("0.5")), lambda r: r / 2**r),
        Polynomial("log1p_centre_short", _log_tail, 3, (_TINY, log_argument), lambda z: z / 2),
        Polynomial("log2_precisely_short", _log_tail, 5, (_TINY, log_argument), lambda z: z / 2),
        Polynomial("softplus_short", _log_tail, 5, (_TINY, softplus_argument), lambda z: z / 2),
        Polynomial("half_turn", _sin_tail, 4, (_TINY, half_turn), _in_sin),
        Polynomial("half_turn_of_pi", _sinpi, 5, (_TINY, mpf("0.2505")), lambda z: 1 / _sinpi(z)),
        Polynomial("sine_short", _sin_tail, 3, (_TINY, quarter_turn), _in_sin),
        Polynomial("cosine_short", _cos_tail, 3, (_TINY, quarter_turn), _in_cos),
        Polynomial("atan_short", _atan_tail, 11, (_TINY, mpf(1)), _in_atan),
        Quotient("erf_short", _erf_slope, (7, 7), (mpf("1e-12"), mpf("4.6") ** 2), nodes=140),
        Quotient("erfc_short", _erfc_ratio, (5, 6), (mpf(0), mpf("10.3")), nodes=120),
    ]


def single_fits() -> list[Rounded]:
    """Every polynomial of `vecmath.single`.

    Some are what is left when a multiple of the argument, of few digits, is taken away, and some
    are in an argument less the middle of its interval: both keep rounding errors small.
    """
    half_ln2 = mpmath.log(2) / 2 * mpf("1.001")
    roots_of_two = (mpmath.sqrt(0.5) - 1, mpmath.sqrt(2) - 1)
    half_turn = (-mpf("1.25"), (mpmath.pi / 2 * mpf("1.004")) ** 2 - mpf("1.25"))
    half_turn_of_pi = (-mpf("0.125"), mpf("0.2505") - mpf("0.125"))
    erfc_argument = (1 / mpf("11.2") - mpf("0.5"), mpf("0.5"))
    return [
        Rounded("expm1_centref", _exp_tail, 5, (-half_ln2, half_ln2), _in_expm1),
        Rounded("exp2f", _less(_exp2_tail, _LN2), 5, (-mpf("0.5"), mpf("0.5")), lambda r: r / 2**r),
        Rounded("log1p_centref", _log1p_tail, 7, roots_of_two, lambda f: f**3 / mpmath.log1p(f)),
        Rounded("log2f", _less(_log2_slope, _LOG2E), 9, roots_of_two, lambda f: 1 / _log2_slope(f)),
        _centred("softplusf", _log1p_slope, 9, (-mpf("0.5"), mpf("0.5")), "0.5", "0.84375"),
        _centred("half_turnf", _sin_slope, 4, half_turn, "1.25", "0.8125"),
        _centred("half_turn_of_pif", _sinpi, 4, half_turn_of_pi, "0.125", "2.5625"),
        _centred("erfc_rightf", _erfc_by_fraction, 12, erfc_argument, "0.5", "0.6875"),
        Rounded("sinhf", _sinh_tail, 3, (_TINY, mpf(1)), _in_sinh),
        Rounded("atanf", _atan_tail, 8, (_TINY, mpf(1)), _in_atan),
    ]


def cuda_fits() -> list[Rounded]:
    """Every polynomial of the device mathematics of `cuda`."""
    quarter_turn = (mpmath.pi / 4 * mpf("1.001")) ** 2
    half_turn = (mpmath.pi / 2 * mpf("1.001")) ** 2
    erfc_argument = (1 / (1 + mpf("0.46") * mpf("9.3")), mpf(1))
    return [
        Rounded("sin_in_half_turn", _sin_tail, 3, (_TINY, half_turn), _in_sin),
        Rounded("sinpi_in_half_turn", _sinpi_tail, 4, (_TINY, mpf("0.2505")), _in_sinpi),
        Rounded("sin_near_zero", _sin_tail, 2, (_TINY, quarter_turn), _in_sin),
        Rounded("cos_near_zero", _cos_tail, 2, (_TINY, quarter_turn), _in_cos),
        _relative("expm1_quick", _expm1_slope, 4, (-mpf("0.5"), mpf("0.5"))),
        _relative("log1p_quick", _log1p_slope, 5, (-mpf("0.375"), mpf("0.375"))),
        _relative("softplus_quick", _log1p_slope, 5, (_TINY, mpf(1))),
        _relative("erfc_quick", _erfc_by_hastings, 5, erfc_argument),
        _relative("erf_quick", _erf_slope, 2, (_TINY, mpf("0.2505"))),
    ]


def prelude_fits() -> list[Polynomial]:
    """Every polynomial of the language's prelude."""
    unit = (_TINY, mpf(1))
    return [Polynomial("tanh_deficit", _tanh_tail, 14, unit, lambda z: 1 / _tanh_tail(z))]


_TINY = mpf(2) ** -40
_LN2 = "0.693147182464599609375"
_LOG2E = "1.44269502162933349609375"
"""ln 2 and 1 / ln 2 in float32."""


def _less(inner: Real, part: str) -> Real:
    return lambda v: inner(v) - mpf(part)


def _relative(name: str, inner: Real, degree: int, interval: tuple[mpf, mpf]) -> Rounded:
    """A polynomial in whose place nothing else is added or multiplied."""
    return Rounded(name, inner, degree, interval, lambda v: 1 / inner(v))


def _centred(
    name: str, inner: Real, degree: int, interval: tuple[mpf, mpf], middle: str, part: str
) -> Rounded:
    """What is left of a function of v + middle without a part of it; the whole's error counts."""
    return Rounded(
        name,
        lambda v: inner(abs(v + mpf(middle))) - mpf(part),
        degree,
        interval,
        lambda v: 1 / inner(abs(v + mpf(middle))),
    )


def _exp_tail(r: mpf) -> mpf:
    return (mpmath.expm1(r) - r) / r**2 if r else mpf(1) / 2


def _expm1_slope(r: mpf) -> mpf:
    return mpmath.expm1(r) / r if r else mpf(1)


def _exp2_tail(r: mpf) -> mpf:
    return mpmath.expm1(r * mpmath.log(2)) / r if r else mpmath.log(2)


def _in_exp(r: mpf) -> mpf:
    return r * r / mpmath.exp(r)


def _in_expm1(r: mpf) -> mpf:
    scales = (mpf("0.5"), mpf(1), mpf(2))
    return max(r * r * scale / abs(scale * mpmath.exp(r) - 1) for scale in scales)


def _log1p_tail(f: mpf) -> mpf:
    return (mpmath.log1p(f) - f + f * f / 2) / f**3 if f else mpf(1) / 3


def _log1p_slope(f: mpf) -> mpf:
    return mpmath.log1p(f) / f if f else mpf(1)


def _log2_slope(f: mpf) -> mpf:
    return _log1p_slope(f) / mpmath.log(2)


def _log_tail(z: mpf) -> mpf:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def _atanh_tail(z: mpf) -> mpf:
    return sum((z**i / (2 * i + 5) for i in range(60)), mpf(0))


def _sin_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (mpmath.sin(x) - x) / x**3


def _sin_slope(z: mpf) -> mpf:
    return mpmath.sinc(mpmath.sqrt(z))


def _in_sin(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return x**3 / mpmath.sin(x)


def _sinpi(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return mpmath.sinpi(x) / x


def _sinpi_tail(z: mpf) -> mpf:
    return (_sinpi(z) - mpmath.pi) / z


def _in_sinpi(z: mpf) -> mpf:
    return z / _sinpi(z)


def _cos_tail(z: mpf) -> mpf:
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def _in_cos(z: mpf) -> mpf:
    return z * z / mpmath.cos(mpmath.sqrt(z))


def _sinh_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (mpmath.sinh(x) - x) / x**3


def _in_sinh(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return x**3 / mpmath.sinh(x)


def _tanh_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (x - mpmath.tanh(x)) / x**3


def _atan_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return (mpmath.atan(x) - x) / x**3


def _in_atan(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return x**3 / mpmath.atan(x)


def _erf_tail(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return mpmath.erf(x) / x - 1


def _erf_slope(z: mpf) -> mpf:
    x = mpmath.sqrt(z)
    return mpmath.erf(x) / x


def _erfc_variable(x: mpf) -> mpf:
    return mpf("2.75") / (x + mpf("2.75")) - mpf("0.4375")


def _erfc_scaled(v: mpf) -> mpf:
    t = v + mpf("0.4375")
    x = mpf("2.75") / t - mpf("2.75")
    return mpmath.erfc(x) * mpmath.exp(x * x) / t


def _erfc_ratio(x: mpf) -> mpf:
    return mpmath.erfc(x) * mpmath.exp(x * x)


def _erfc_by_fraction(t: mpf) -> mpf:
    return _erfc_ratio(1 / t - 1) / t


def _erfc_by_hastings(t: mpf) -> mpf:
    return _erfc_ratio((1 / t - 1) / mpf("0.46")) / t


def constants() -> dict[str, mpf]:
    """Constants that are used as a sum of parts, of float64 or of float32."""
    return {
        "ln 2": mpmath.log(2),
        "1 / ln 2": 1 / mpmath.log(2),
        "2 / ln 2": 2 / mpmath.log(2),
        "1 / 3": mpf(1) / 3,
        "pi": +mpmath.pi,
        "pi / 2": mpmath.pi / 2,
        "pi / 4": mpmath.pi / 4,
        "1 / pi": 1 / mpmath.pi,
        "2 / pi": 2 / mpmath.pi,
    }


def parts(value: mpf, count: int = 4) -> list[float]:
    """`value` as a sum of float64 numbers, each rounding what is left."""
    found: list[float] = []
    for _ in range(count):
        found.append(float(value))
        value -= mpf(found[-1])
    return found


def single_parts(value: mpf, below: bool) -> list[np.float32]:
    """`value` as a sum of three float32 numbers, each rounding what is left, or cutting it off."""
    found: list[np.float32] = []
    for _ in range(3):
        part = np.float32(float(value))
        if below and mpf(float(part)) > value:
            part = np.nextafter(part, np.float32(0.0))
        found.append(part)
        value -= mpf(float(part))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
