"""The population's kernels without a GPU: in Numba's simulator, and as PTX for a device."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import population_simulator
import pytest
from population_simulator import NAMES, SHAPES, TRAINED

import actdsl
from actdsl.backends.population import kernels

pytest.importorskip("numba_cuda", reason="needs numba-cuda")
MIXED = ("relu", "gelu_sinc", "mish", "snake", "snake_per_channel")


@pytest.fixture(scope="module")
def answer() -> Any:
    script = population_simulator.__file__
    own = {"NUMBA_ENABLE_CUDASIM": "1", "OMP_NUM_THREADS": "1"}
    shown = subprocess.run(
        [sys.executable, "-P", "-W", "ignore::RuntimeWarning", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **own, "PYTHONPATH": str(Path(script).parent)},
    )
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_member_has_its_own_activation(answer: Any, shape: str, name: str) -> None:
    assert answer[f"float64, {shape}"][name] < 1e-13
    assert answer[f"float32, {shape}"][name] < 2e-6


def test_networks_train_as_on_the_cpu(answer: Any) -> None:
    assert len(TRAINED) == 4
    assert answer["trained"]["float64"] < 1e-13
    assert answer["trained"]["float32"] < 1e-5


@cache
def assembly(names: tuple[str, ...], kernel: str) -> str:
    """A kernel as PTX for compute capability 9.0, in float32."""
    from numba import cuda
    from numba.cuda import types

    programs = tuple(actdsl.zoo[name] for name in names)
    real, size = types.float32, types.int64
    rows, matrices = real[:, :], real[:, ::1]
    arrays = [matrices] * (2 if kernel == "forward" else 3)
    own = types.int32[::1], rows, rows, real[:, :, ::1], size, size, size, size
    compiled = kernels(programs, "float32")[kernel].py_func
    text, _ = cuda.compile_ptx(compiled, types.void(*own, *arrays), cc=(9, 0))
    assert ".target sm_90" in text
    return str(text)


@pytest.mark.parametrize("kernel", ["forward", "backward"])
@pytest.mark.parametrize("names", [MIXED, ("turbulent",)], ids=["pointwise", "contextual"])
def test_ptx_keeps_to_registers_and_single_precision(names: tuple[str, ...], kernel: str) -> None:
    text = assembly(names, kernel)
    assert not re.search(r"\.f64|\.local|\bcall", text)
    assert text.count(".shared .align") == 1


def test_ptx_moves_128_bits_where_places_mean_nothing() -> None:
    vectors = len(MIXED) - 1  # but for the parameters of a channel
    forward, backward = (assembly(MIXED, kernel) for kernel in ("forward", "backward"))
    assert forward.count("ld.global.v4.f32") == forward.count("st.global.v4.f32") == vectors
    assert backward.count("ld.global.v4.f32") == 2 * vectors
    assert backward.count("st.global.v4.f32") == vectors


def test_sums_need_no_atomic_operations() -> None:
    assert not re.search(r"\b(atom|red)\.", assembly(MIXED, "backward"))
