"""The benchmark of CUDA kernels, as far as it goes without a device."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from benchmark_scripts import BENCHMARKS, loaded

from actdsl.backends.timing import Quartiles

SCRIPT = BENCHMARKS / "gpu_kernels.py"
MACHINE = {"processor": "A device", "versions": {"torch": "3"}}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return loaded("gpu_kernels")


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
    monkeypatch.setattr(torch.compiler, "reset", lambda: None)
    monkeypatch.setattr(script, "DEVICE", "cpu")
    for task in script.TASKS:
        ways = script.ways(script.Cell(name, "float32", 640, task))
        assert {way.split(",")[0] for way in ways} == {"actdsl", "eager", "torch.compile"}
        first, *others = ([t] if isinstance(t := w(), torch.Tensor) else t for w in ways.values())
        for other in others:
            torch.testing.assert_close(first, other, rtol=1e-5, atol=1e-6)


def test_all_of_it_on_another_device_with_a_clock_of_ours(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where each way takes as many microseconds as it is late in its turn, and one fails."""
    captured: list[Any] = []

    def graph(call: Any) -> Any:
        captured.append(call)
        return script.warmed(call)

    def refuse(*_: Any) -> None:
        raise RuntimeError("it does not compile\nbecause")

    def events(calls: dict[str, Any], rounds: int) -> dict[str, Quartiles]:
        for call in calls.values():
            call()
        return {w: Quartiles.of([(k + 1) * 1e-6] * rounds) for k, w in enumerate(calls)}

    replaced = {
        "DEVICE": "cpu",
        "captured": graph,
        "race": events,
        "description": lambda _: MACHINE,
    }
    for name, stand_in in replaced.items():
        monkeypatch.setattr(script, name, stand_in)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "compile", lambda *_, **__: refuse)
    monkeypatch.setattr(torch.compiler, "reset", lambda: None)
    output = tmp_path / "new" / "results.json"
    options = ["--names", "gelu_sine,swiglu", "--sizes", "2^12", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *options])
    script.main()
    document = json.loads(output.read_text())
    assert len(document["cells"]) == 2 * 2 * 2 * 2
    assert {cell["size"] for cell in document["cells"]} == {1024, 4096}
    first, *_, last = document["cells"][0]["times"]
    assert (first, last) == ("actdsl", "copy")
    large = [cell["times"] for cell in document["cells"] if cell["size"] == 4096]
    failed = [way for times in large for way in times if way.startswith("eager")]  # compiled
    assert len(captured) == sum(map(len, large)) + len(failed)
    out, err = capsys.readouterr()
    assert "torch.compile, formula: it does not compile" in err
    assert "| gelu_sine | 2^12 |" in out
    assert "### Microseconds a call of 1024 elements, no graph" in out
    assert "| swiglu | bfloat16 | backward | 1.0 | 2.0 |  |" in out


def test_a_line_shows_shares_and_ratios(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    medians = {"actdsl": 2e-6, "eager, formula": 8e-6, "eager, functions": 4e-6, "copy": 1e-6}
    cell = {"name": "swiglu", "dtype": "float32", "size": 2**20, "task": "forward"}
    times = {way: {"median": median} for way, median in medians.items()}
    cells = [{**cell, "times": times}]
    script.show(json.loads(json.dumps(
        {"machine": MACHINE, "date": "today", "cells": cells}
    )))  # fmt: skip
    out = capsys.readouterr().out
    assert "A device, today; torch 3" in out
    assert "| swiglu | 2^20 | 8389 | 2.0 | 75% | 2.00x |  |" in out
    assert "At 2^20: median 75 %, least 75 %." in out
