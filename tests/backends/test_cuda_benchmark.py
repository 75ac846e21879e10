"""The benchmark of CUDA kernels, as far as it goes without a device."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_kernels.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = spec_from_file_location("gpu_kernels", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for their types
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_device_one_line_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-P", str(SCRIPT), "--output", str(tmp_path / "results.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "there is no CUDA device here: nothing was measured\n"
    assert not list(tmp_path.iterdir())


def test_cells_are_all_combinations(script: ModuleType) -> None:
    found = list(script.cells("relu,swiglu", "float32", "2^10,100"))
    assert [(c.name, c.size, c.task) for c in found[:4]] == [
        ("relu", 1024, "forward"),
        ("relu", 1024, "backward"),
        ("relu", 100, "forward"),
        ("relu", 100, "backward"),
    ]
    assert len(found) == 8


def test_bytes_are_those_of_a_perfect_kernel(script: ModuleType) -> None:
    relu, swiglu = (script.Cell(n, "bfloat16", 1000, "backward") for n in ("relu", "swiglu"))
    assert relu.moved() == 3 * 2000  # the cotangent and x in, one gradient out
    assert swiglu.moved() == 5 * 2000
    assert script.Cell("swiglu", "float32", 1000, "forward").moved() == 3 * 4000
    assert relu.copied() == 2 * 2000


@pytest.mark.parametrize("name", ["gelu_sine", "swiglu"])
def test_all_ways_compute_the_same(
    script: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    for task in script.TASKS:
        ways = script.ways(script.Cell(name, "float32", 640, task), "cpu")
        assert {way.split(",")[0] for way in ways} == {"actdsl", "eager", "torch.compile"}
        first, *others = ([t] if isinstance(t := w(), torch.Tensor) else t for w in ways.values())
        for other in others:
            torch.testing.assert_close(first, other, rtol=1e-5, atol=1e-6)


def test_a_line_shows_shares_and_ratios(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    medians = {"actdsl": 2e-6, "eager, formula": 8e-6, "eager, functions": 4e-6, "copy": 1e-6}
    cell = {"name": "swiglu", "dtype": "float32", "size": 2**20, "task": "forward"}
    machine = {"processor": "A device", "versions": {"torch": "3"}}
    times = {way: {"median": median} for way, median in medians.items()}
    cells = [{**cell, "times": times}]
    script.show(json.loads(json.dumps(
        {"machine": machine, "date": "today", "timed": "graphs", "cells": cells}
    )))  # fmt: skip
    out = capsys.readouterr().out
    assert "A device, today; torch 3" in out
    assert "| swiglu | 2^20 | 8389 | 2.0 | 75% | 2.00x |  |" in out
    assert "At 2^20: median 75 %, least 75 %." in out
