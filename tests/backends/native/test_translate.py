"""The translator against Numba: the same text, compiled by both, gives the same bits."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.native import arithmetic, build
from actdsl.backends.native.code import assembly, machine_code
from actdsl.backends.native.text import llvm_text
from actdsl.backends.schedule import Schedule

SPECIAL = np.array(
    [
        0.0,
        -0.0,
        np.nan,
        np.inf,
        -np.inf,
        5e-324,
        -1e-310,
        1e-30,
        1.0,
        -1.0,
        2.5,
        -2.5,
        88.8,
        -745.0,
        1e5,
    ]
)
POINTS = np.concatenate([SPECIAL, np.linspace(-9, 9, 181)])
# Between them every operator and every shape of loop that the text can take.
BODIES = (
    "x + 2 - x * x / 3",
    "sign(x) + abs(x) * sqrt(abs(x)) + rsqrt(x)",
    "exp(x) + exp2(x) + expm1(x)",
    "log(x) + log2(x) + log1p(x)",
    "sin(x) + cos(x) * tan(x) + sinc(x)",
    "sinh(x) + cosh(x) + tanh(x)",
    "asinh(x) + atan(x)",
    "erf(x) + erfc(x)",
    "sigmoid(x) + softplus(x)",
    "relu(x) + min(x, 1, -x) + max(x, 0.5) + clip(x, -1, 2)",
    "floor(x) + ceil(x) + round(x) + mod(x, 1.5)",
    "abs(x) ** x + x ** 3",
    "where(x > 0 and not (x >= 2) or x == -1, x, where(x != x, 7, -x))",
    "x - mean(x)",
    "(x - mean(x, batch)) / std(x, batch)",
    "x * amax(x, feature) - amin(x)",
    "shift(x, 1) + shift(x, -2)",
    "shift(x - mean(x, feature), 1) * var(x)",
)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("body", BODIES)
def test_same_bits_as_numba(body: str, dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    program = actdsl.parse(f"activation a(x): return {body}")
    finite = program.kind.value == "contextual"
    points = POINTS[np.isfinite(POINTS)] if finite else POINTS
    x = np.resize(points, (14, 14)).astype(dtype)
    monkeypatch.setenv("ACTDSL_CACHE_DIR", "")  # the arithmetic is not part of a kernel's key
    monkeypatch.setattr(build, "_addresses", {})
    with (
        mock.patch.object(arithmetic, "in_single", return_value=None),
        mock.patch.object(arithmetic, "contracted", new=lambda kernel: kernel),
    ):
        ours = function.__wrapped__(program, "native")(x)
    np.testing.assert_array_equal(ours, function(program, "numba")(x))


@pytest.mark.parametrize("name", ["gelu_sinc", "snake", "snake_per_channel", "turbulent", "swiglu"])
def test_same_gradients_as_numba(name: str) -> None:
    program = actdsl.zoo[name]
    generator = np.random.default_rng(0)
    # More rows than a chunk of sums holds, so that chunks are joined.
    flow, *inputs = generator.normal(size=(1 + len(program.inputs), 3000, 40))
    ours, theirs = function(program, "native"), _numba_module(program)
    found = ours.gradient(flow, *inputs)
    expected = getattr(theirs, f"{name}_gradient")(flow, *inputs)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13 * np.abs(b).max())


def _numba_module(program: actdsl.Activation) -> object:
    import sys

    return sys.modules[function(program, "numba").__module__]


def test_every_loop_of_a_pointwise_kernel_is_a_vector_loop() -> None:
    for dtype in ("float32", "float64", "bfloat16"):
        code = assembly(llvm_text(Schedule(actdsl.zoo["gelu_sinc"]).backward, dtype))
        if "ymm" not in code and "zmm" not in code:
            pytest.skip("this processor has no AVX2")
        assert code.count("vfmadd") > 50


def test_the_text_is_the_same_every_time() -> None:
    kernel = Schedule(actdsl.zoo["gelu"]).forward
    text = llvm_text(kernel, "float32")
    assert text == llvm_text(kernel, "float32")
    assert machine_code(text) == machine_code(text)


def test_loops_carry_no_fast_math() -> None:
    kernel = Schedule(actdsl.zoo["turbulent"]).second
    text = llvm_text(kernel, "float32")
    assert not any(f" {flag} " in text for flag in ("fast", "nnan", "ninf", "nsz", "reassoc"))
