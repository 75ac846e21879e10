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
    assert len(both) == len(forward) == 11
    assert len(threads) == 4
    assert "- actdsl, mined functions against eager, by functions: geometric mean" in first
    assert shown("kernels.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_latency(tmp_path: Path) -> None:
    output = tmp_path / "latency.json"
    first = shown("latency.py", "--names", "relu", "--runs", "1", "--output", str(output))
    assert list(json.loads(output.read_text())["latency"]) == ["relu"]
    (relu,), (median,) = rows(first, "relu"), rows(first, "**median**")
    assert relu[1:] == median[1:]
    assert shown("latency.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_lab_ranking(tmp_path: Path) -> None:
    output = tmp_path / "ranking.json"
    some = ("--suite", "smoke", "--seeds", "1", "--names", "gelu,tanh", "--output", str(output))
    first = shown("lab_ranking.py", *some)
    document = json.loads(output.read_text())
    assert {row["name"] for row in document["zoo"]} == {"relu", "gelu", "tanh"}
    assert document["agreement"].keys() == {"geomean", "mean", "rank"}
    assert len(rows(first, "as it is")) == 3
    assert shown("lab_ranking.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_racing(tmp_path: Path) -> None:
    output = tmp_path / "racing.json"
    first = shown("racing.py", "--suite", "smoke", "--candidates", "30", "--output", str(output))
    document = json.loads(output.read_text())
    assert (document["candidates"], document["best"]) == (30, 1)
    assert len(document["saved"]) == len(document["missed"]) == document["orders"]
    ((_, saved),) = rows(first, "full cost against cost in a race")
    assert float(saved.rstrip("x")) >= 1
    assert shown("racing.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_search_ablation(tmp_path: Path) -> None:
    output = tmp_path / "ablation.json"
    some = ("--landscape", "--candidates", "14", "--runs", "2", "--only", "all")
    table = shown("search_ablation.py", *some, "--folder", str(tmp_path), "--output", str(output))
    document = json.loads(output.read_text())
    assert (document["on"], document["candidates"]) == ("landscape", 14)
    assert [result["evaluated"] for result in document["results"]] == [14, 14]
    assert "all" in table
