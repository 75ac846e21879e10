"""Device mathematics as Python: what a generated file carries, in NumPy's float32, against mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from actdsl.backends.cuda.approximations import BUDGETS
from actdsl.backends.cuda.device_math import definitions
from actdsl.backends.load import load

F32 = np.float32
# An instruction's own largest relative error, from the PTX ISA. Here it is added to the exact value.
INSTRUCTIONS = {"ex2": 2**-22, "rcp": 2**-23, "lg2": 2**-22, "sqrt": 2**-23, "rsqrt": 2**-22.4}


def device_module(names: str, quick: bool, sign: int = 0) -> ModuleType:
    """The functions that ``names`` calls, on float32 numbers.

    The instructions err by as much as they may, upwards or downwards by ``sign``.
    """

    def instruction(function: Callable[..., Any], error: float) -> Callable[..., Any]:
        return lambda *args: F32(function(*map(float, args)) * (1 + sign * error))

    namespace = {
        "math": math,
        "np": np,
        "real": F32,
        "quick": quick,
        "device": lambda function: function,
        "formula": lambda _: lambda function: function,
        "fma": lambda a, b, c: F32(float(a) * float(b) + float(c)),
        "libdevice": SimpleNamespace(rintf=np.rint),
        "with_sign": lambda x, k: -x if k & 1 else x,
        "bits_of": lambda x: int(x.view(np.int32)),
        "ex2": instruction(np.exp2, INSTRUCTIONS["ex2"]),
        "lg2": instruction(np.log2, INSTRUCTIONS["lg2"]),
        "rcp": instruction(lambda x: 1 / x, INSTRUCTIONS["rcp"]),
        "sqrt_approx": instruction(math.sqrt, INSTRUCTIONS["sqrt"]),
        "rsqrt_approx": instruction(lambda x: 1 / math.sqrt(x), INSTRUCTIONS["rsqrt"]),
        "tanh_approx": instruction(math.tanh, 2**-10.987),
        "div_full": instruction(lambda a, b: a / b, 2**-22),
    }
    # The text tells loaded modules apart.
    text = "\n\n".join([f"# {quick} {sign}", *definitions(names)])
    return load(text, namespace)


def ulps(computed: Any, exact: mpf) -> float:
    """The error in units of the last place of a float32 of the exact value's size."""
    spacing = mpf(2) ** max(int(mpmath.floor(mpmath.log(abs(exact), 2))) - 23, -149)
    return float(abs(mpf(float(computed)) - exact) / spacing)


# Trigonometry ------------------------------------------------------------------------------------

TRIGONOMETRIC = {
    "sin": (mpmath.sin, 2.0),
    "cos": (mpmath.cos, 2.0),
    "tan": (mpmath.tan, 2.6),
    "sinpi": (mpmath.sinpi, 2.0),
    "cospi": (mpmath.cospi, 2.0),
}


def arguments() -> list[Any]:
    """Every exponent, small ones, those about the switch, and float32 numbers nearest to k pi/2."""
    generator = np.random.default_rng(0)
    every_exponent = np.ldexp(generator.uniform(0.5, 1, 4 * 277), np.repeat(range(-148, 129), 4))
    small = generator.uniform(-10, 10, 1000)
    around_the_switch = F32(65536) + F32(0.0078125) * np.arange(-200, 200)
    near = [F32(float(k * mpmath.pi / 2)) for k in (*range(1, 60), 41721, 41722, 41723)]
    hard = [F32(16367173 * 2.0**72), F32(3.4028235e38)]
    finite = np.concatenate([every_exponent, small, around_the_switch]).astype(F32)
    return [*finite, *-finite[:500], *near, *hard]


@pytest.fixture(scope="module", autouse=True)
def _many_digits() -> Any:
    with mpmath.workdps(70):
        yield


@pytest.mark.parametrize("name", TRIGONOMETRIC)
def test_trigonometry_is_accurate_for_every_argument(name: str) -> None:
    function, bound = TRIGONOMETRIC[name]
    computed = getattr(device_module(f"{name}(x)", quick=False), name)
    errors = {}
    for x in arguments():
        if exact := function(mpf(float(x))):
            errors[x] = ulps(computed(x), exact)
        else:
            assert computed(x) == 0
    worst = max(errors, key=lambda x: errors[x])
    assert errors[worst] < bound, (worst, errors[worst])


@pytest.mark.parametrize("name", TRIGONOMETRIC)
@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_trigonometry_has_no_value_at_infinity(name: str, x: float) -> None:
    with np.errstate(invalid="ignore"):
        assert math.isnan(getattr(device_module(f"{name}(x)", quick=False), name)(F32(x)))


def test_zeros_keep_their_sign() -> None:
    module = device_module("sin(x) + tan(x) + cos(x) + cospi(x)", quick=False)
    for function in (module.sin, module.tan):
        assert str(function(F32(-0.0))) == "-0.0"
        assert str(function(F32(0.0))) == "0.0"
    assert module.cos(F32(-0.0)) == module.cospi(F32(-0.0)) == 1.0


def test_the_far_reduction_agrees_with_the_near_one() -> None:
    module = device_module("far_quarter_turns(x) + quarter_turns(x)", quick=False)
    for x in F32(65536) - F32(0.0078125) * np.arange(1, 300, dtype=F32):
        k, r = module.quarter_turns(x)
        turns, rest = module.far_quarter_turns(x)
        assert (k - int(turns)) % 4 == 0
        assert abs(rest - r) <= F32(2**-23) * max(abs(r), F32(1e-3))


# Approximations ----------------------------------------------------------------------------------

THIRD = F32(1 / 3)
REFERENCES: dict[str, tuple[Callable[..., Any], Any]] = {
    "divide": (lambda x: x / mpf(float(THIRD)), np.linspace(-1e3, 1e3, 301)),
    "exp": (mpmath.exp, np.linspace(-87, 88, 701)),
    "exp2": (lambda x: mpf(2) ** x, np.linspace(-125, 127, 701)),
    "expm1": (
        mpmath.expm1,
        np.concatenate([np.linspace(-40, 88, 701), np.geomspace(1e-30, 1, 99)]),
    ),
    "log": (mpmath.log, np.geomspace(1e-37, 1e37, 701)),
    "log2": (lambda x: mpmath.log(x, 2), np.geomspace(1e-37, 1e37, 701)),
    "log1p": (
        mpmath.log1p,
        np.concatenate([np.linspace(-0.999, 2, 701), np.geomspace(1e-30, 1e5, 701)]),
    ),
    "sqrt": (mpmath.sqrt, np.geomspace(1e-37, 1e37, 301)),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), np.geomspace(1e-37, 1e37, 301)),
    "tanh": (mpmath.tanh, np.linspace(-12, 12, 701)),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), np.linspace(-86, 40, 701)),
    "sigmoid_slope": (lambda x: mpmath.sech(x / 2) ** 2 / 4, np.linspace(-86, 86, 701)),
    "softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), np.linspace(-86, 40, 701)),
    "sech2": (lambda x: mpmath.sech(x) ** 2, np.linspace(-42, 42, 701)),
    "erf": (mpmath.erf, np.concatenate([np.linspace(-5, 5, 701), np.geomspace(1e-30, 0.6, 100)])),
    "erfc": (mpmath.erfc, np.linspace(-5, 9.2, 701)),
}


def test_every_approximation_has_a_budget() -> None:
    assert set(REFERENCES) == set(BUDGETS)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("name", BUDGETS)
def test_approximations_keep_within_their_budgets(name: str, sign: int) -> None:
    """Even with instructions that all err by as much as they may in one direction."""
    reference, places = REFERENCES[name]
    function = getattr(device_module(f"{name}(x)", quick=True, sign=sign), name)
    others = (THIRD,) if name == "divide" else ()
    for x in places.astype(F32):
        exact = reference(mpf(float(x)))
        error = abs(mpf(float(function(x, *others))) - exact)
        scale = max(abs(exact), 1) if name.startswith("log") and 0.5 < x < 2 else abs(exact)
        assert error <= BUDGETS[name] * scale, (x, float(error / scale))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("exp", {math.inf: math.inf, -math.inf: 0.0}),
        ("expm1", {math.inf: math.inf, -math.inf: -1.0}),
        ("log1p", {math.inf: math.inf, -1.0: -math.inf}),
        ("sigmoid", {math.inf: 1.0, -math.inf: 0.0}),
        ("sigmoid_slope", {math.inf: 0.0, -math.inf: 0.0}),
        ("softplus", {math.inf: math.inf, -math.inf: 0.0}),
        ("sech2", {math.inf: 0.0, -math.inf: 0.0}),
        ("erf", {math.inf: 1.0, -math.inf: -1.0}),
        ("erfc", {math.inf: 0.0, -math.inf: 2.0}),
    ],
)
def test_approximations_at_infinity_and_of_nan(name: str, values: dict[float, float]) -> None:
    function = getattr(device_module(f"{name}(x)", quick=True), name)
    with np.errstate(all="ignore"):
        assert math.isnan(function(F32(math.nan)))
        for x, value in values.items():
            assert function(F32(x)) == value
