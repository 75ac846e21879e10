"""The float32 functions of native kernels: within 2 ulp, and in vectors of the full width."""

from __future__ import annotations

import functools
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from actdsl.backends.native.code import assembly, vector_bytes
from actdsl.backends.native.formula import compiled, formula_text
from actdsl.backends.vecmath import DOUBLE, SINGLE, definition, source_of

from .test_vecmath import EXACT, LIMITS, same
from .test_vecmath_short import EDGES, HARD, every_exponent

Array = NDArray[np.float32]

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "ulp_table.py"
# Largest error allowed, in ulp: hardly above what benchmarks/ulp_table.py found over all arguments.
BUDGET = {
    "exp": 1.05, "exp2": 0.9, "expm1": 1.45, "log": 1.0, "log2": 1.1, "log1p": 1.45,
    "sin": 2.0, "cos": 2.0, "tan": 0.51, "sinpi": 1.55, "cospi": 1.6, "atan": 1.2,
    "sinh": 1.75, "cosh": 1.5, "tanh": 1.85, "asinh": 1.85, "erf": 0.51, "erfc": 2.0,
    "sigmoid": 1.6, "softplus": 1.95, "gaussian": 1.05, "sech2": 1.6, "sigmoid_slope": 1.6,
}  # fmt: skip
LEAST = 2.0**-149
MOST = 3.4028234663852886e38
# (x, f(x)) where float32 is unlike float64; a zero's sign counts.
NARROW: dict[str, list[tuple[float, float]]] = {
    "exp": [(88.73, math.inf), (-103.98, 0.0), (-103.9, LEAST), (-90.0, math.exp(-90))],
    "exp2": [(128.0, math.inf), (-149.0, LEAST), (-151.0, 0.0), (127.0, 2.0**127)],
    "expm1": [(88.73, math.inf), (-200.0, -1.0)],
    "log": [(LEAST, -149 * math.log(2)), (2.0**-127, -127 * math.log(2)), (MOST, math.log(MOST))],
    "log2": [(LEAST, -149.0), (3 * 2.0**-148, math.log2(3) - 148), (MOST, 128.0)],
    "log1p": [(MOST, math.log(MOST)), (2.0**-24 - 1, -24 * math.log(2))],
    "sinh": [(89.5, math.inf), (-89.5, -math.inf), (89.375, math.sinh(89.375))],
    "cosh": [(89.5, math.inf), (-89.5, math.inf), (89.375, math.cosh(89.375))],
    "tanh": [(10.0, 1.0), (-50.0, -1.0)],
    "sech2": [(52.0, 4 * math.exp(-104)), (53.0, 0.0)],
    "asinh": [(MOST, math.asinh(MOST)), (-(2.0**64), -math.asinh(2.0**64))],
    "erf": [(5.0, 1.0), (-5.0, -1.0)],
    "erfc": [(10.06, 0.0), (10.05, 1.8e-45 * 0.8), (-5.0, 2.0)],
    "gaussian": [(10.2, 0.0), (10.19, LEAST), (-MOST, 0.0)],
    "sigmoid": [(-103.98, 0.0), (-103.9, LEAST), (20.0, 1.0), (-MOST, 0.0)],
    "sigmoid_slope": [(104.0, 0.0), (-103.9, LEAST)],
    "softplus": [(-103.9, LEAST), (MOST, MOST), (-MOST, 0.0)],
    "sinpi": [(2.0**24 + 2, 0.0)],
    "cospi": [(2.0**24 + 2, 1.0), (16777215.0, -1.0)],
}


@functools.cache
def loop(formula: str) -> Any:
    return compiled(formula, "float32")


def values(formula: str, a: Array, b: Array | None = None) -> Array:
    y = np.empty_like(a)
    loop(formula)(a, a if b is None else b, y)
    return y


def samples(name: str) -> Array:
    """Numbers of every exponent, where formulas change, multiples of pi/4, and the usual ones."""
    generator = np.random.default_rng(40)
    edges = np.array([0.47, 2**17, 2**30, 1e-8, 18.0, 89.4, 10.198, 105.5, 128.0], np.float32)
    turns = (np.arange(1, 400) * (math.pi / 4)).astype(np.float32)
    parts = [edges, np.nextafter(edges, np.float32(0)), turns, np.nextafter(turns, np.float32(0))]
    usual = [generator.uniform(-r, r, 300).astype(np.float32) for r in (0.5, 1.0, 4.0, 20.0, 100.0)]
    positive = np.concatenate(parts)
    x = np.concatenate([every_exponent().astype(np.float32), positive, -positive, *usual])
    if name in ("log", "log2"):
        return np.abs(x[x != 0])
    return x[x > -1] if name == "log1p" else x


def ulps(got: float, exact: Any) -> float:
    """The error in units in the last place of float32; overflow is none where it is due."""
    if not math.isfinite(got):
        return (
            0.0 if abs(exact) >= MOST and math.copysign(1, got) == mpmath.sign(exact) else math.inf
        )
    exponent = mpmath.frexp(exact)[1] if exact else -149
    return float(abs(mpmath.mpf(got) - exact) / mpmath.ldexp(1, max(exponent - 24, -149)))


def test_every_function_has_a_float32_form() -> None:
    assert {f"{name}f" for name in DOUBLE} == SINGLE
    assert {*BUDGET, "pow"} == DOUBLE
    assert all(definition(name).startswith(f"def {name}(") for name in SINGLE)


def test_numba_does_not_know_them() -> None:
    with pytest.raises(KeyError, match="expf"):
        source_of(["expf"])


@pytest.mark.parametrize("name", BUDGET)
def test_error_stays_within_budget(name: str) -> None:
    x = samples(name)
    with mpmath.workprec(140):
        errors = [
            ulps(got, EXACT[name](mpmath.mpf(at)))
            for at, got in zip(x.tolist(), values(f"{name}f(u)", x).tolist(), strict=True)
        ]
    worst = int(np.argmax(errors))
    assert errors[worst] <= BUDGET[name], f"{errors[worst]} ulp at {x[worst]!r}"


@pytest.mark.parametrize("name", BUDGET)
def test_limits(name: str) -> None:
    # What float32 has no number for has other limits.
    pairs = [(x, y) for x, y in LIMITS[name] if abs(x) in (0.0, math.inf) or LEAST <= abs(x) < 1e7]
    pairs = [*pairs, *NARROW.get(name, []), (math.nan, math.nan)]
    with np.errstate(all="ignore"):
        x, wanted = (np.array(numbers).astype(np.float32) for numbers in zip(*pairs, strict=True))
        allowed = 2 * np.spacing(np.abs(wanted))
    got = values(f"{name}f(u)", x)
    wrong = [
        (at, g, w)
        for at, g, w, d in zip(x.tolist(), got.tolist(), wanted.tolist(), allowed, strict=True)
        if not same(g, w) and not (w != 0 and abs(g - w) <= d)
    ]
    assert not wrong


def test_pow() -> None:
    generator = np.random.default_rng(41)
    base = 2.0 ** generator.uniform(-149, 128, 500)
    base = np.concatenate([base, 1 + generator.uniform(-0.3, 0.3, 500)]).astype(np.float32)
    power = (generator.uniform(-149, 127.9, base.size) / np.abs(np.log2(base))).astype(np.float32)
    got = values("powf(u, v)", base, power)
    with mpmath.workprec(200):
        worst = max(
            ulps(y, mpmath.mpf(b) ** mpmath.mpf(p))
            for b, p, y in zip(base.tolist(), power.tolist(), got.tolist(), strict=True)
        )
    assert worst < 0.51


def test_pow_special_cases_are_those_of_c() -> None:
    numbers = [0.0, 0.5, 1.0, 2.0, 3.0, 0.3, 1e-40, 2.0**24 + 2, 1e20, math.inf]
    numbers = [sign * x for x in numbers for sign in (1, -1)] + [math.nan]
    base, power = (g.ravel().astype(np.float32) for g in np.meshgrid(numbers, numbers))
    got = values("powf(u, v)", base, power)
    with np.errstate(all="ignore"):
        wanted = np.power(base.astype(np.float64), power.astype(np.float64)).astype(np.float32)
        np.testing.assert_array_equal(got, wanted)
    assert np.array_equal(np.signbit(got[got == 0]), np.signbit(wanted[got == 0]))


def test_large_arguments_reach_the_library_in_every_lane() -> None:
    x = np.linspace(1.0, 9.0, 83).astype(np.float32)
    x[[0, 5, 10, 17, 40, 70, 81, 82]] = [2.0**90, 1e6, *HARD[:3], -(2.0**45), 2.0**17 + 1, 1e38]
    for name, library in (("sin", math.sin), ("cos", math.cos), ("tan", math.tan)):
        wanted = np.array([library(at) for at in x.tolist()])
        np.testing.assert_allclose(values(f"{name}f(u)", x), wanted, rtol=2e-7)


def part(text: str) -> str:
    """The assembly without the functions that send large arguments to the C library."""
    return re.sub(r"^_?vecmath_\w+:.*?^\s*\.(?:size|cfi_endproc)", "", text, flags=re.M | re.S)


@functools.cache
def packed_operations(formula: str) -> int:
    """Arithmetic on whole vectors: of AVX or AVX-512, of SSE, or of NEON."""
    text = part(assembly(formula_text(formula, "float32")))
    register = r"%[yz]mm" if vector_bytes() > 16 else r"%xmm"
    x86 = rf"\sv?(?:mul|add|sub|div|fn?m(?:add|sub)\d+)p[sd]\s.*{register}"
    neon = r"\sf(?:ml[as]|mul|add|sub|div)\s+v\d+\.(?:4s|2d)"
    return len(re.findall(x86, text)) or len(re.findall(neon, text))


@pytest.mark.parametrize("name", [*BUDGET, "pow"])
def test_loop_is_vectorised_and_calls_no_library(name: str) -> None:
    formula = "powf(u, v)" if name == "pow" else f"{name}f(u)"
    # Each vector function is done several times, for vectors that go side by side.
    assert packed_operations(formula) >= 20
    text = part(assembly(formula_text(formula, "float32")))
    called = set(re.findall(r"\s(?:call\w*|movabsq|bl)\s+\$?_?(\w+)", text))
    assert not called & {
        f"{n}{f}" for n in (*EXACT, "pow", "fma", "rint", "floor") for f in ("", "f")
    }


@pytest.mark.parametrize(
    ("f", "other", "share"),
    [
        ("erfcf", "gaussianf", 1.15),
        ("tanhf", "sech2f", 1.4),
        ("sigmoidf", "sigmoid_slopef", 1.35),
        ("sigmoidf", "softplusf", 1.75),
        ("sinhf", "coshf", 1.2),
    ],
)
def test_what_goes_together_shares_its_work(f: str, other: str, share: float) -> None:
    alone = packed_operations(f"{f}(u)")
    both = packed_operations(f"{f}(u) + {other}(u)")
    assert both <= share * alone, (alone, both, packed_operations(f"{other}(u)"))


def test_edges_are_among_the_samples() -> None:
    assert {float(np.float32(e)) for e in EDGES} <= set(samples("exp").tolist())


def test_the_tool_that_tries_all_arguments(tmp_path: Path) -> None:
    output = tmp_path / "ulp.json"
    command = [sys.executable, "-P", SCRIPT, "expf", "--sample", "1000003", "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "| `expf` | 0." in done.stdout, done.stderr
    found = json.loads(output.read_text())["functions"]["expf"]
    assert found["wrong"] == 0
    assert 0.6 < found["ulp"] < BUDGET["exp"]


@pytest.mark.slow
def test_two_million_arguments_of_each_function(tmp_path: Path) -> None:
    output = tmp_path / "ulp.json"
    names = [f"{name}f" for name in BUDGET]
    command = [sys.executable, "-P", SCRIPT, *names, "--sample", "2003", "--output", output]
    subprocess.run(command, check=True, capture_output=True, timeout=280)
    found = json.loads(output.read_text())["functions"]
    assert not [name for name in found if found[name]["wrong"]]
    worst = {name: row["ulp"] for name, row in found.items() if row["ulp"] > BUDGET[name[:-1]]}
    assert not worst
