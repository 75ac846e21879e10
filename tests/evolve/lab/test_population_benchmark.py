"""The benchmark of the population's trainer runs where there is no GPU, and both ways agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "gpu_lab.py"


def shown(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return done.stdout


@pytest.mark.slow
def test_both_ways_reach_the_same_losses(tmp_path: Path) -> None:
    output = tmp_path / "results" / "lab.json"
    small = ("--device", "cpu", "--names", "gelu_sinc", "--sizes", "2,3", "--steps", "20")
    first = shown(*small, "--rounds", "2", "--output", str(output))
    document = json.loads(output.read_text())
    assert document.keys() == {"date", "machine", "steps", "activations"}
    found = document["activations"]["gelu_sinc"]
    assert list(found["times"]) == ["PyTorch loop", "2", "3"]
    assert found["losses"]["actdsl"] == pytest.approx(found["losses"]["PyTorch loop"], rel=1e-3)
    assert "| gelu_sinc | 3 |" in first
    assert shown("--show", "--output", str(output)) == first
