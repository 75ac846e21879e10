"""The CPU's vector mathematics against mpmath, against IEEE 754, and in the assembly it becomes."""

from __future__ import annotations

import functools
import math
import platform
import re
from collections.abc import Callable
from typing import Any

import mpmath
import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from actdsl.backends.vecmath import DECORATOR, source_of

Array = NDArray[np.float64]
Real = Callable[[Any], Any]

EXACT: dict[str, Real] = {
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.ln2,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sinpi": mpmath.sinpi,
    "cospi": mpmath.cospi,
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "erf": mpmath.erf,
    "erfc": lambda x: mpmath.erfc(x) if abs(x) < 40 else mpmath.mpf(2 if x < 0 else 0),
    "gaussian": lambda x: mpmath.exp(-x * x) if abs(x) < 40 else mpmath.mpf(0),
    "sigmoid_slope": lambda x: mpmath.sech(x / 2) ** 2 / 4 if abs(x) < 750 else mpmath.mpf(0),
    "sech2": lambda x: mpmath.sech(x) ** 2 if abs(x) < 500 else mpmath.mpf(0),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)) if x < 300 else x + mpmath.exp(-x),
}

# Largest error allowed, in ulp; the samples come within about a tenth of each.
BUDGET = {
    "exp": 1.1, "exp2": 1.0, "expm1": 2.4, "log": 1.0, "log2": 1.5, "log1p": 1.2,
    "sin": 1.5, "cos": 1.5, "tan": 3.0, "sinpi": 1.2, "cospi": 1.0, "atan": 1.8,
    "sinh": 2.5, "cosh": 1.5, "tanh": 2.6, "asinh": 2.0, "erf": 2.2, "erfc": 3.5,
    "sigmoid": 2.2, "softplus": 2.2, "gaussian": 1.5, "sech2": 3.8, "sigmoid_slope": 3.8,
}  # fmt: skip

INF = math.inf
NAN = math.nan
LEAST = 5e-324

# (x, f(x)); a zero's sign counts.
LIMITS: dict[str, list[tuple[float, float]]] = {
    "exp": [(0.0, 1.0), (-INF, 0.0), (INF, INF), (709.79, INF), (-745.2, 0.0), (-745.13, LEAST)],
    "exp2": [(-0.0, 1.0), (-INF, 0.0), (INF, INF), (1024.0, INF), (-1074.0, LEAST), (-1076.0, 0.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (LEAST, LEAST), (710.0, INF)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (-INF, NAN)],
    "log2": [(0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (LEAST, -1074.0), (8.0, 3.0)],
    "log1p": [(-1.0, -INF), (-0.0, -0.0), (INF, INF), (-1.5, NAN), (1.75e308, math.log(1.75e308))],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (LEAST, LEAST)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (LEAST, LEAST)],
    "sinpi": [(-0.0, -0.0), (0.5, 1.0), (1.5, -1.0), (INF, NAN), (1e300, 0.0)],
    "cospi": [(0.0, 1.0), (1.0, -1.0), (2.0**52 + 1, -1.0), (1e300, 1.0), (INF, NAN)],
    "atan": [(-0.0, -0.0), (INF, math.pi / 2), (-INF, -math.pi / 2), (LEAST, LEAST)],
    "sinh": [(-0.0, -0.0), (INF, INF), (-INF, -INF), (711.0, INF), (LEAST, LEAST)],
    "cosh": [(-0.0, 1.0), (INF, INF), (-INF, INF), (-711.0, INF)],
    "tanh": [(-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (LEAST, LEAST)],
    "asinh": [(-0.0, -0.0), (INF, INF), (-INF, -INF), (1.75e308, math.asinh(1.75e308))],
    "erf": [(-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (LEAST, LEAST)],
    "erfc": [(0.0, 1.0), (INF, 0.0), (-INF, 2.0), (28.0, 0.0)],
    "gaussian": [(-0.0, 1.0), (INF, 0.0), (-INF, 0.0), (28.0, 0.0), (1e300, 0.0)],
    "sigmoid_slope": [(-0.0, 0.25), (INF, 0.0), (-INF, 0.0)],
    "sech2": [(-0.0, 1.0), (INF, 0.0), (-INF, 0.0), (-400.0, 0.0)],
    "sigmoid": [(0.0, 0.5), (INF, 1.0), (-INF, 0.0), (-745.13, LEAST)],
    "softplus": [(0.0, math.log(2)), (INF, INF), (-INF, 0.0), (1e308, 1e308), (-745.13, LEAST)],
}


@functools.cache
def compiled(expression: str, *names: str) -> Any:
    """A loop y[i] = expression in u = a[i] and v = b[i], which calls the functions `names`."""
    namespace: dict[str, Any] = {}
    exec(source_of(names), namespace)
    exec(
        "@numba.njit(error_model='numpy')\n"
        "def loop(a, b, y):\n"
        "    for i in range(y.shape[0]):\n"
        "        u = a[i]\n"
        "        v = b[i]\n"
        f"        y[i] = {expression}\n",
        namespace,
    )
    vector = numba.types.Array(numba.float64, 1, "C")
    namespace["loop"].compile((vector, vector, vector))
    return namespace["loop"]


def values(name: str, x: Array) -> Array:
    y = np.empty_like(x)
    compiled(f"{name}(u)", name)(x, x, y)
    return y


def samples(name: str, count: int = 200) -> Array:
    """Arguments of every magnitude, with the places where a function changes its formula."""
    generator = np.random.default_rng(20)
    edges = np.array([2**-0.5, 2**0.5, 0.477, 0.41421356, 2.41421356, 26.5, 708.4, 709.78, 745.1])
    edges = np.concatenate([edges, np.arange(1, 60) * (math.pi / 4), [2.0**45]])
    parts = [
        2.0 ** generator.uniform(-1074, 1024, count) * generator.choice([-1, 1], count),
        2.0 ** generator.uniform(-30, 10, 2 * count) * generator.choice([-1, 1], 2 * count),
        *(generator.uniform(-r, r, count) for r in (0.01, 0.5, 1.0, 3.0, 10.0, 30.0, 760.0)),
        *(sign * np.nextafter(edges, to) for sign in (-1, 1) for to in (0.0, INF)),
    ]
    x = np.concatenate(parts)
    if name in ("log", "log2"):
        return np.concatenate([np.abs(x), 1 + parts[0][np.abs(parts[0]) < 1]])
    return x[x > -1] if name == "log1p" else x


def ulps(got: float, exact: Any) -> float:
    """The error of `got` in units in the last place of `exact`, subnormal numbers included."""
    if not math.isfinite(got):
        return 0.0 if float(exact) == got else INF
    exponent = mpmath.frexp(exact)[1] if exact else -1074
    return float(abs(mpmath.mpf(got) - exact) / mpmath.ldexp(1, max(exponent - 53, -1074)))


def same(got: float, wanted: float) -> bool:
    """Equal, zeros by sign and NaN to NaN."""
    if math.isnan(wanted):
        return math.isnan(got)
    return got == wanted and math.copysign(1, got) == math.copysign(1, wanted)


@pytest.mark.parametrize("name", EXACT)
def test_error_stays_within_budget(name: str) -> None:
    x = samples(name)
    with mpmath.workprec(140):
        errors = [
            ulps(got, EXACT[name](mpmath.mpf(at)))
            for at, got in zip(x.tolist(), values(name, x).tolist(), strict=True)
        ]
    worst = int(np.argmax(errors))
    assert errors[worst] <= BUDGET[name], f"{errors[worst]} ulp at {x[worst]!r}"


@pytest.mark.parametrize("name", EXACT)
def test_limits(name: str) -> None:
    pairs = [*LIMITS[name], (NAN, NAN)]
    got = values(name, np.array([x for x, _ in pairs])).tolist()
    wrong = [(x, y, g) for (x, y), g in zip(pairs, got, strict=True) if not same(g, y)]
    assert not wrong


def test_pow_error() -> None:
    generator = np.random.default_rng(21)
    base = np.concatenate(
        [2.0 ** generator.uniform(-1074, 1024, 400), 1 + generator.uniform(-0.3, 0.3, 400)]
    )
    power = generator.uniform(-1074, 1024, base.size) / np.abs(np.log2(base))
    y = np.empty_like(base)
    compiled("pow(u, v)", "pow")(base, power, y)
    with mpmath.workprec(200):
        error = max(
            ulps(got, mpmath.mpf(b) ** mpmath.mpf(p))
            for b, p, got in zip(base.tolist(), power.tolist(), y.tolist(), strict=True)
        )
    assert error <= 1.2


def test_pow_special_cases_are_those_of_c() -> None:
    numbers = [0.0, 0.5, 1.0, 2.0, 3.0, 0.3, 1e308, LEAST, 2.0**52 + 1, 1e20, INF]
    numbers = [sign * x for x in numbers for sign in (1, -1)] + [NAN]
    base, power = (grid.ravel() for grid in np.meshgrid(numbers, numbers))
    y = np.empty_like(base)
    compiled("pow(u, v)", "pow")(base, power, y)
    with np.errstate(all="ignore"):
        wanted = np.power(base, power)
    wrong = [
        (b, p, got, want)
        for b, p, got, want in zip(base, power, y, wanted, strict=True)
        if not (same(got, want) or abs(got - want) <= 2 * np.spacing(abs(want)))
    ]
    assert not wrong


def packed_operations(assembly: str) -> int:
    """Arithmetic on whole 256- or 512-bit vectors of float64."""
    return len(re.findall(r"\sv(?:mul|add|sub|div|fn?m(?:add|sub)\d+)pd\s.*%[yz]mm", assembly))


def loop_part(assembly: str) -> str:
    """The assembly without the functions that send large arguments to the C library."""
    return re.sub(r"^vecmath_\w+:.*?^\s*\.size", "", assembly, flags=re.MULTILINE | re.DOTALL)


def assembly_of(expression: str, *names: str) -> str:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("reads x86 assembly")
    text = next(iter(compiled(expression, *names).inspect_asm().values()))
    if "ymm" not in text and "zmm" not in text:
        pytest.skip("this processor has no AVX2")
    return str(text)


@pytest.mark.parametrize("name", [*EXACT, "pow"])
def test_loop_is_vectorised_and_calls_no_library(name: str) -> None:
    assembly = assembly_of("pow(u, v)" if name == "pow" else f"{name}(u)", name)
    # A function's own work, not only a copy or a comparison, is done in packed form.
    assert packed_operations(assembly) >= 15
    called = set(re.findall(r"\s(?:call\w*|movabsq)\s+\$?(\w+)", loop_part(assembly)))
    assert not called & {*EXACT, "pow", "fma", "rint", "trunc", "floor", "copysign"}


def test_sine_and_cosine_of_one_argument_share_their_work() -> None:
    alone = packed_operations(assembly_of("sin(u)", "sin"))
    both = packed_operations(assembly_of("sin(u) + cos(u)", "cos", "sin"))
    assert both <= 1.25 * alone


def test_large_arguments_reach_the_library_in_every_lane() -> None:
    x = np.linspace(1.0, 9.0, 43)
    x[[0, 5, 10, 15, 40, 41, 42]] = 2.0**90
    for name, library in (("sin", math.sin), ("cos", math.cos), ("tan", math.tan)):
        wanted = np.array([library(at) for at in x.tolist()])
        np.testing.assert_allclose(values(name, x), wanted, rtol=1e-15)
    assert "vecmath_sin_beyond" in assembly_of("sin(u)", "sin")


def test_source_is_self_contained_deterministic_and_callees_first() -> None:
    text = source_of(["tanh", "sigmoid"])
    assert text == source_of(["sigmoid", "tanh", "tanh"])
    assert "actdsl" not in text
    defined = re.findall(r"^def (\w+)", text, re.MULTILINE)
    assert len(defined) == len(set(defined))
    assert defined.index("expm1") < defined.index("tanh")
    assert defined.index("two_to") < defined.index("quarter_expm1") < defined.index("expm1")
    assert text.count(DECORATOR) == sum(
        name not in ("fma", "bits_of", "float_of") for name in defined
    )
    assert "log" not in defined


def test_source_of_nothing_and_of_an_unknown_name() -> None:
    assert "def " not in source_of([])
    with pytest.raises(KeyError, match="gamma"):
        source_of(["gamma"])
