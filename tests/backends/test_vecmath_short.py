"""The short functions for float32 kernels: nearly every result is the nearest float32."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from actdsl.backends.vecmath import DOUBLE, SHORT

from .test_vecmath import (
    EXACT,
    LEAST,
    LIMITS,
    assembly_of,
    compiled,
    loop_part,
    packed_operations,
    same,
)

BITS = 30
# Of the float32 nearest to a multiple of pi/2 among all, and of some very large ones.
HARD = [
    16367173.0 * 2.0**72,
    2.0**127,
    3.4028235e38,
    52707178.0 * 2.0**-25,
    12390509.0,
    1.5707964,
    3.1415927,
]
EDGES = [2**-0.5, 2**0.5, 0.25, 1.0, 4.6, 10.05, 28.0, 88.72, 103.97, 20.0, 709.0, 2.0**45]


def every_exponent(count: int = 6) -> NDArray[np.float64]:
    """Float32 numbers of both signs, some for each exponent, and where formulas change."""
    generator = np.random.default_rng(30)
    exponents = np.repeat(np.arange(255, dtype=np.uint32) << 23, count)
    mantissas = generator.integers(0, 2**23, exponents.size, dtype=np.uint32)
    magnitudes = (exponents | mantissas).view(np.float32)
    edges = np.array([*HARD, *EDGES], np.float32)
    around = [np.nextafter(edges, np.float32(to)) for to in (0.0, 3.4028235e38)]
    dense = generator.uniform(-12, 12, 800).astype(np.float32)
    positive = np.concatenate([magnitudes, edges, *around])
    return np.concatenate([positive, -positive, dense]).astype(np.float64)


def defined(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if name in ("log", "log2"):
        return np.abs(x[x != 0])
    return x[x > -1] if name == "log1p" else x


def test_every_function_has_a_short_form() -> None:
    assert {f"{name}_short" for name in DOUBLE} == SHORT
    assert {*EXACT, "pow"} == DOUBLE


@pytest.mark.parametrize("name", EXACT)
def test_relative_error(name: str) -> None:
    x = defined(name, every_exponent())
    y = np.empty_like(x)
    compiled(f"{name}_short(u)", f"{name}_short")(x, x, y)
    with mpmath.workprec(140):
        for at, got in zip(x.tolist(), y.tolist(), strict=True):
            exact = EXACT[name](mpmath.mpf(at))
            if abs(exact) >= 2.0**128:
                assert abs(got) >= 3.4028235677973366e38, at
            elif abs(exact) < 2.0**-149:
                assert abs(got) < 2.0**-148, at
            else:
                assert abs(got - exact) <= abs(exact) * 2.0**-BITS, at


@pytest.mark.parametrize("name", EXACT)
def test_limits(name: str) -> None:
    # Kernels for float32 meet no subnormal float64, and the logarithms do without a case for it.
    pairs = [(x, y) for x, y in LIMITS[name] if abs(x) != LEAST or "log2" not in name]
    pairs.append((math.nan, math.nan))
    x = np.array([x for x, _ in pairs])
    y = np.empty_like(x)
    compiled(f"{name}_short(u)", f"{name}_short")(x, x, y)
    with np.errstate(over="ignore"):
        rounded = y.astype(np.float32).tolist()
        wanted = np.array([v for _, v in pairs]).astype(np.float32).tolist()
    assert all(
        same(got, want) or (want != 0 and abs(got - want) <= 2e-7 * abs(want))
        for got, want in zip(rounded, wanted, strict=True)
    ), list(zip(x.tolist(), rounded, wanted, strict=True))


def test_pow() -> None:
    generator = np.random.default_rng(31)
    base = 2.0 ** generator.uniform(-126, 128, 500)
    base = np.concatenate([base, 1 + generator.uniform(-0.3, 0.3, 500)]).astype(np.float32)
    power = (generator.uniform(-149, 128, base.size) / np.abs(np.log2(base))).astype(np.float32)
    x, p = base.astype(np.float64), power.astype(np.float64)
    y = np.empty_like(x)
    compiled("pow_short(u, v)", "pow_short")(x, p, y)
    with mpmath.workprec(200):
        worst = max(
            abs(got / (mpmath.mpf(b) ** mpmath.mpf(e)) - 1)
            for b, e, got in zip(x.tolist(), p.tolist(), y.tolist(), strict=True)
        )
    assert worst < 2.0**-BITS


def test_pow_special_cases_are_those_of_c() -> None:
    numbers = [0.0, 0.5, 1.0, 2.0, 3.0, 0.3, 1e-40, 2.0**24 + 2, 1e20, math.inf]
    numbers = [sign * x for x in numbers for sign in (1, -1)] + [math.nan]
    base, power = (grid.ravel() for grid in np.meshgrid(numbers, numbers))
    y = np.empty_like(base)
    compiled("pow_short(u, v)", "pow_short")(base, power, y)
    with np.errstate(all="ignore"):
        wanted = np.power(base, power).astype(np.float32)
        rounded = y.astype(np.float32)
    wrong = [
        (b, p, got, want)
        for b, p, got, want in zip(base, power, rounded.tolist(), wanted.tolist(), strict=True)
        if not (same(got, want) or (want != 0 and abs(got - want) <= 1.2e-7 * abs(want)))
    ]
    assert not wrong


@pytest.mark.parametrize("name", [*EXACT, "pow"])
def test_loop_is_vectorised_and_calls_no_library(name: str) -> None:
    expression = "pow_short(u, v)" if name == "pow" else f"{name}_short(u)"
    assembly = assembly_of(expression, f"{name}_short")
    assert packed_operations(assembly) >= 8
    called = set(re.findall(r"\s(?:call\w*|movabsq)\s+\$?(\w+)", loop_part(assembly)))
    assert not called & {*EXACT, "pow", "fma", "rint", "trunc", "floor", "copysign"}


def test_slopes_share_what_their_functions_compute() -> None:
    for f, slope in (("erfc_short", "gaussian_short"), ("tanh_short", "sech2_short")):
        alone = packed_operations(assembly_of(f"{f}(u)", f))
        both = packed_operations(assembly_of(f"{f}(u) + {slope}(u)", f, slope))
        assert both <= 1.3 * alone, (f, alone, both)


def test_the_tool_that_tries_all_arguments(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "benchmarks" / "ulp_table.py"
    output = tmp_path / "ulp.json"
    command = [sys.executable, "-P", script, "exp_short", "--sample", "1000003", "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "| `exp_short` | 0.4" in done.stdout
    found = json.loads(output.read_text())["functions"]["exp_short"]
    assert found["arguments"] == -(-(2**32) // 1000003)
    assert found["wrong"] == 0
    assert 0.4 < found["ulp"] < 0.51
