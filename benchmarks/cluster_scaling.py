"""One search on a Dask cluster of one worker and of two: how much sooner the second one ends it.

    python benchmarks/cluster_scaling.py                 # some minutes on two cores
    python benchmarks/cluster_scaling.py --show          # the last results

A real scheduler and single-threaded workers on 127.0.0.1, taking turns: a new cluster for each
search, with a cache of its own, warmed by a few evaluations. The search is the same every time, and so
are its results, which is checked; it is timed without the proof. Workers and scheduler share the
machine's cores with the search itself: with as many workers as cores, what these take is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from distributed import Client

import actdsl
from actdsl.backends.timing import description
from actdsl.evolve import RunDirectory, Settings, Workers, run
from actdsl.evolve.evaluation.cluster import Cluster
from actdsl.evolve.evaluation.workers import PATIENCE
from actdsl.evolve.lab import SUITES
from actdsl.evolve.proposers import make_proposer

RESULTS = Path(__file__).parent / "results" / "cluster_scaling.json"
WARMING = tuple(f"activation f(x): return tanh({k} * x) + {k / 20} * x" for k in range(1, 5))
STARTS_WITHIN = 60.0

Document = dict[str, Any]


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3, help="searches on each cluster")
    parser.add_argument("--suite", default="micro", choices=SUITES)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        document = _measured(chosen.candidates, chosen.rounds, chosen.suite)
        chosen.output.write_text(json.dumps(document, indent=1) + "\n")
    print(tables(json.loads(chosen.output.read_text()))["seconds"])


def _measured(candidates: int, rounds: int, suite: str) -> Document:
    text = actdsl.zoo["relu"].text
    settings = Settings(
        (text,), candidates, suite=suite, lab_seeds=SUITES[suite].seeds, max_flops=40
    )
    seconds: dict[int, list[float]] = {1: [], 2: []}
    found = set()
    for _ in range(rounds):
        for workers, times in seconds.items():
            with TemporaryDirectory() as folder:
                taken, champion = _searched(settings, workers, Path(folder))
            times.append(taken)
            found.add(champion)
            print(f"{workers}: {taken:.1f} s, {champion}", file=sys.stderr, flush=True)
    assert len(found) == 1, f"another search on another cluster: {found}"
    return {
        "date": date.today().isoformat(),
        "machine": description(),
        "candidates": candidates,
        "suite": suite,
        "seconds": {str(workers): times for workers, times in seconds.items()},
    }


def _searched(settings: Settings, workers: int, folder: Path) -> tuple[float, str]:
    """Seconds that the search takes on a new cluster, and its champion."""
    suite = SUITES[settings.suite]
    with cluster(workers, folder / "cache") as address:
        directory = RunDirectory.begin(folder / "run", settings, "benchmark")
        executor = Cluster(address, PATIENCE)
        with (
            closing(directory.store),
            Workers(suite, workers, exact=True, executor=executor, anew=True) as evaluator,
        ):
            warm = [evaluator.submit(text, (0,)) for text in WARMING]
            assert all(not future.result().error for future in warm)
            start = time.perf_counter()
            archive = run(directory, evaluator, make_proposer(settings), proof=False)
            seconds = time.perf_counter() - start
        assert archive.best is not None
        return seconds, f"{archive.best.name} {archive.best.ratio!r}"


@contextmanager
def cluster(workers: int, cache: Path) -> Iterator[str]:
    """The address of a scheduler with so many single-threaded workers, while they run."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    # Should this process be killed, they end by themselves.
    scheduler = ["dask_scheduler", "--port", port, "--idle-timeout", "300"]
    worker = ["dask_worker", address, "--nthreads", "1", "--nworkers", str(workers)]
    commands = (scheduler, [*worker, "--death-timeout", "60"])
    processes = [_started(command, cache) for command in commands]
    try:
        with Client(address, timeout=STARTS_WITHIN, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=STARTS_WITHIN)
        yield address
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _started(command: list[str], cache: Path) -> subprocess.Popen[bytes]:
    module, *words = command
    return subprocess.Popen(
        [sys.executable, "-P", "-m", f"distributed.cli.{module}", *words,
         "--host", "127.0.0.1", "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "ACTDSL_CACHE_DIR": str(cache)},
    )  # fmt: skip


def tables(document: Document) -> dict[str, str]:
    """What was measured as a Markdown table, by name."""
    seconds = document["seconds"]
    one, two = (median(seconds[workers]) for workers in ("1", "2"))
    lines = ["| workers | seconds | median |", "| --- | --- | --- |"]
    for workers, times in seconds.items():
        listed = " ".join(f"{taken:.1f}" for taken in times)
        lines.append(f"| {workers} | {listed} | {median(times):.1f} |")
    lines.append(f"| two against one | | {one / two:.2f}x |")
    return {"seconds": "\n".join(lines)}


if __name__ == "__main__":
    main()
