"""How soon an activation is ready: from its text to its first gradient, cold and warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from actdsl.backends.timing.clock import Quartiles
from actdsl.errors import ActdslError
from actdsl.program import Program

COMPILERS = ("actdsl", "torch.compile")
"""Whose latency is measured."""

_NEXT = (
    "activation following(x):\n    return x * tanh(1.25 * x) * exp(-0.3 * x**2) + 0.2 * sin(x)\n"
)
_CACHES = ("ACTDSL_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")


@dataclass(frozen=True)
class Latency:
    """Seconds from an activation's text to its output and gradients, after the imports.

    Attributes:
        cold: in a new process, with nothing on disk.
        following: another activation after it in that process, with nothing on disk for it either.
        warm: in a new process that finds on disk what the cold one left.
    """

    cold: Quartiles
    following: Quartiles
    warm: Quartiles


Child = Callable[[str, Sequence[str], Path], "list[float]"]


def compile_latency(
    program: Program, ways: Sequence[str] = COMPILERS, runs: int = 3, child: Child | None = None
) -> dict[str, Latency]:
    """Measure in new processes, the ways taking turns; every run has empty caches of its own.

    Args:
        child: times some texts in a new process, given a way and a folder for its caches.

    Raises:
        ActdslError: a process failed; the text ends with the last line that it wrote.
    """
    timed = child or first_results
    samples: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    for _ in range(runs):
        for way in ways:
            with tempfile.TemporaryDirectory() as folder:
                cold, following = timed(way, [program.text, _NEXT], Path(folder))
                (warm,) = timed(way, [program.text], Path(folder))
            samples[way].append((cold, following, warm))
    return {
        way: Latency(*(Quartiles.of(column) for column in zip(*rows, strict=True)))
        for way, rows in samples.items()
    }


def first_results(way: str, texts: Sequence[str], caches: Path) -> list[float]:
    """Seconds to the first gradient of each text in turn, in a new process."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "actdsl.backends.timing.first_result", way],
        input=json.dumps(texts),
        env={**os.environ, **{name: str(caches / name.lower()) for name in _CACHES}},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it wrote nothing"])[-1]
        raise ActdslError(f"the process that timed {way} failed: {last}")
    seconds: list[float] = json.loads(done.stdout)
    return seconds
