"""The benchmark of the trainer runs, and all ways train the same network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "lab_trainer.py"


def shown(*arguments: str) -> str:
    command = [sys.executable, "-P", str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_all_ways_reach_the_same_loss(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    output = tmp_path / "results" / "trainer.json"
    small = ("--parts", "rivals,latency", "--steps", "20", "--rounds", "2")
    first = shown(*small, "--output", str(output))
    document = json.loads(output.read_text())
    assert document.keys() == {"date", "machine", "steps", "rivals", "latency"}
    for found in document["rivals"].values():
        losses = list(found["losses"].values())
        assert len(losses) == 5
        assert losses == pytest.approx([losses[0]] * 5, rel=1e-3)
    assert shown("--show", "--output", str(output)) == first
