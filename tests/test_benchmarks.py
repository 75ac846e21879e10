"""The benchmark scripts run, keep what they measured, and can show it again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def shown(script: str, *arguments: str) -> str:
    """What a script prints."""
    command = [sys.executable, "-P", str(BENCHMARKS / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def rows(text: str, name: str) -> list[list[str]]:
    """The rows of Markdown tables that begin with a name."""
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()]
    return [row for row in cells if row[0] == name]


@pytest.mark.slow
def test_kernels(tmp_path: Path) -> None:
    output = tmp_path / "results" / "kernels.json"
    first = shown(
        *("kernels.py", "--names", "gelu_sine,swiglu", "--size", "4096", "--seconds", "0"),
        *("--output", str(output)),
    )
    document = json.loads(output.read_text())
    assert document.keys() == {"date", "machine", "kernels", "threads", "overhead"}
    assert list(document["kernels"]) == ["gelu_sine", "swiglu"]
    assert list(document["threads"]) == ["copy", "gelu_sine", "swiglu"]
    both, forward, threads = rows(first, "gelu_sine")
    assert len(both) == len(forward) == 10
    assert len(threads) == 4
    assert "- mined functions against eager, by functions: geometric mean" in first
    assert shown("kernels.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_latency(tmp_path: Path) -> None:
    output = tmp_path / "latency.json"
    first = shown("latency.py", "--names", "relu", "--runs", "1", "--output", str(output))
    assert list(json.loads(output.read_text())["latency"]) == ["relu"]
    (relu,), (median,) = rows(first, "relu"), rows(first, "**median**")
    assert relu[1:] == median[1:]
    assert shown("latency.py", "--show", "--output", str(output)) == first
