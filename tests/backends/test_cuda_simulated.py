"""CUDA kernels without a GPU: Numba's simulator runs their logic, thread by thread, in Python.

A process of its own computes everything at once (``tests/cuda_simulator.py``); here one looks at
its answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import cuda_simulator
import numpy as np
import pytest
from cuda_simulator import HALVES, POINTWISE, PROGRAMS, SINGLE, VECTORISED

from actdsl.ops import TABLE


@pytest.fixture(scope="module")
def answer() -> Any:
    pytest.importorskip("numba_cuda", reason="needs numba-cuda")
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    shown = subprocess.run(
        [sys.executable, "-P", "-W", "ignore::RuntimeWarning", cuda_simulator.__file__],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


@pytest.mark.parametrize("name", PROGRAMS)
def test_kernels_compute_what_the_interpreter_does(answer: Any, name: str) -> None:
    errors = answer["programs"][name]
    assert set(errors) == {"forward", "backward", "second"}
    assert max(errors.values()) < 1e-13, errors


@pytest.mark.parametrize("name", SINGLE)
def test_kernels_in_float32(answer: Any, name: str) -> None:
    assert max(answer["float32"][name].values()) < 2e-5


@pytest.mark.parametrize("name", VECTORISED)
def test_kernels_without_vectors(answer: Any, name: str) -> None:
    assert max(answer["elements"][name].values()) < 1e-13


@pytest.mark.parametrize("name", SINGLE)
def test_kernels_with_approximations(answer: Any, name: str) -> None:
    assert 0 < max(answer["fast"][name].values()) < 2e-3


def test_vectors_are_loaded_where_tensors_are_aligned_and_large_enough(answer: Any) -> None:
    assert answer["loads"] == {
        "whole": 25,
        "with a rest": 25,
        "shifted": 0,
        "small": 0,
        "halves": 12,
        "doubles": 50,
        "strided": 25,
    }


def test_a_vector_is_one_row_and_a_scalar_one_element(answer: Any) -> None:
    for errors in (*answer["vector"].values(), answer["scalar"]):
        assert max(errors.values()) < 1e-13


@pytest.mark.parametrize("name", POINTWISE)
def test_cell_means_what_the_table_says(answer: Any, name: str) -> None:
    computed, exact = (np.array(values, np.float64) for values in answer["cells"][name])
    np.testing.assert_allclose(computed, exact, rtol=1e-14, atol=2e-16)


def test_steps_of_reductions_are_the_only_other_cells() -> None:
    spelled = {n for n, row in TABLE.items() if isinstance(row.cuda, str)}
    assert spelled - set(POINTWISE) == {"mean", "amin", "amax"}


def test_bfloat16_is_rounded_to_even(answer: Any) -> None:
    import torch

    x = torch.tensor(np.array(HALVES, np.float32).view(np.int32) >> 16, dtype=torch.int16)
    exact = (x.view(torch.bfloat16).float() * 1.1).bfloat16()
    computed = torch.tensor(answer["bfloat16"], dtype=torch.int16).view(torch.bfloat16)
    assert torch.equal(computed.isnan(), exact.isnan())
    assert torch.equal(computed.nan_to_num(), exact.nan_to_num())


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [("float64", 1e-13), ("float32", 1e-6), ("float16", 2e-3), ("bfloat16", 2e-2)],
)
def test_tensors_of_every_type_and_layout(answer: Any, dtype: str, tolerance: float) -> None:
    assert answer["torch"][f"torch.{dtype}"] < tolerance


def test_empty_tensors(answer: Any) -> None:
    assert answer["torch"]["empty"] == 0.0
