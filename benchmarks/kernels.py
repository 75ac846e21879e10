"""CPU kernels against what one would run instead: the tables of docs/performance.md.

    taskset -c 0,1 python benchmarks/kernels.py               # all of the zoo, about an hour
    python benchmarks/kernels.py --names gelu,silu --output /tmp/some.json
    python benchmarks/kernels.py --show                       # the tables of the last results

Kernels: 2**20 float32 elements on one core, forward + backward and forward alone, all ways taking
turns. Threads: one against two at 2**22, beside a copy of as much memory. Overhead: a call on one
element, which is little else, and on 1,000.
Medians and quartiles go to benchmarks/results/cpu_kernels.json, activation by activation.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import actdsl
from actdsl.backends.timing import description, measure, race, threads
from actdsl.backends.timing.measure import BOTH, FORWARD
from actdsl.backends.timing.ways import ACTDSL, COMPILE, EAGER, FAST, NATIVE, RECOMPUTE, WAYS

RESULTS = Path(__file__).parent / "results" / "cpu_kernels.json"
PARTS = ("kernels", "threads", "overhead")
MINED = ("gelu_sine", "gelu_sinc", "gmtu", "turbulent")
SIZE, THREADED_SIZE, SMALL = 2**20, 2**22, (1, 1000)
TOUCHED = 6
"""Tensors that forward and backward read or write: input, output, slope, cotangent, gradient, or more."""

Document = dict[str, Any]


def main() -> None:
    """Measure what was asked for, then print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", default=",".join(actdsl.zoo), help="activations")
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure")
    parser.add_argument("--size", type=int, default=SIZE, help="elements for the kernels")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each cell")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        document: Document = {"date": date.today().isoformat(), "machine": description()}
        names = chosen.names.split(",")
        for part in chosen.parts.split(","):
            document[part] = {}
            for name, found in _measured(part, names, chosen.size, chosen.seconds):
                document[part][name] = found
                chosen.output.parent.mkdir(parents=True, exist_ok=True)
                chosen.output.write_text(json.dumps(document, indent=1) + "\n")
                print(f"{part}: {name}", file=sys.stderr, flush=True)
    show(json.loads(chosen.output.read_text()))


def _measured(
    part: str, names: Sequence[str], size: int, seconds: float
) -> Iterable[tuple[str, Any]]:
    if part == "kernels":
        with threads(1):
            for name in names:
                cells = measure(actdsl.zoo[name], [size], WAYS, seconds=seconds)
                yield name, [cell.document() for cell in cells]
    elif part == "threads":
        with threads(2):
            yield "copy", _scaling(_copy(TOUCHED // 2 * THREADED_SIZE), seconds)
            for name in names:
                yield name, _scaling(_both(name, THREADED_SIZE), seconds)
    else:
        with threads(1):
            yield from _overhead(seconds)


def _scaling(call: Callable[[], object], seconds: float) -> Document:
    def on(count: int) -> object:
        os.environ["ACTDSL_NUM_THREADS"] = str(count)
        torch.set_num_threads(count)
        return call()

    calls = [partial(on, 1), partial(on, 2)]
    for run in calls:
        run()
    one, two = race(calls, seconds)
    return {"1": asdict(one), "2": asdict(two), "speedup": one.median / two.median}


def _copy(size: int) -> Callable[[], object]:
    source, target = torch.randn(size), torch.empty(size)
    return lambda: target.copy_(source)


def _both(name: str, size: int) -> Callable[[], object]:
    program = actdsl.zoo[name]
    module = program.module(channels=64)
    inputs = [torch.randn(size // 64, 64, requires_grad=True) for _ in program.inputs]
    leaves, flow = [*inputs, *module.parameters()], torch.randn(size // 64, 64)
    return lambda: torch.autograd.grad(module(*inputs), leaves, flow, allow_unused=True)


def _overhead(seconds: float) -> Iterable[tuple[str, Document]]:
    """Seconds a call of GELU on few elements, from torch without and with autograd, from NumPy."""
    gelu = actdsl.zoo["gelu"]
    ways: dict[str, Callable[[Tensor], Tensor]] = {
        ACTDSL: gelu.module(),
        NATIVE: torch.nn.GELU(),
        COMPILE: torch.compile(torch.nn.functional.gelu, dynamic=False),
    }
    for size in SMALL:
        x, flow = torch.randn(size), torch.randn(size)
        leaf, array = torch.randn(size, requires_grad=True), x.numpy()

        tasks = {
            "forward, recorded": {n: partial(way, leaf) for n, way in ways.items()},
            "forward + backward": {
                n: partial(_trained, way, leaf, flow) for n, way in ways.items()
            },
            "forward from NumPy": {ACTDSL: partial(gelu, array)},
        }
        elements = "1 element" if size == 1 else f"{size:,} elements"
        with torch.no_grad():
            plain = {n: partial(way, x) for n, way in ways.items()}
            yield f"forward under no_grad, {elements}", _raced(plain, seconds)
        for task, calls in tasks.items():
            yield f"{task}, {elements}", _raced(calls, seconds)


def _trained(way: Callable[[Tensor], Tensor], leaf: Tensor, flow: Tensor) -> object:
    return torch.autograd.grad(way(leaf), leaf, flow)


def _raced(calls: dict[str, Callable[[], object]], seconds: float) -> Document:
    for call in calls.values():
        call()
        call()
    times = race(list(calls.values()), seconds)
    return {name: asdict(time) for name, time in zip(calls, times, strict=True)}


def show(document: Document) -> None:
    """Print the tables."""
    machine = document["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    print(f"{machine['processor']}, {machine['vectors']}, {document['date']}; {versions}")
    if "kernels" in document:
        _show_kernels(document["kernels"], BOTH)
        _show_kernels(document["kernels"], FORWARD)
        _show_mined(document["kernels"])
    if "threads" in document:
        rows = [
            [name, *(_milliseconds(row[count]) for count in ("1", "2")), f"{row['speedup']:.2f}x"]
            for name, row in document["threads"].items()
        ]
        _table("Threads", ["", "1 thread, ms", "2 threads, ms", "quicker by"], rows)
        _summary(
            "two threads", [r["speedup"] for n, r in document["threads"].items() if n != "copy"]
        )
    if "overhead" in document:
        ways = [ACTDSL, NATIVE, COMPILE]
        rows = [
            [name, *(f"{row[way]['median'] * 1e6:.2f}" if way in row else "" for way in ways)]
            for name, row in document["overhead"].items()
        ]
        _table("µs a call of GELU", ["", *ways], rows)


def _show_kernels(kernels: Document, task: str) -> None:
    rows = []
    rivals: dict[str, list[float]] = {COMPILE: [], RECOMPUTE: [], "the best of torch": []}
    for name, cells in kernels.items():
        best = _best(cells, task)
        ours = best[ACTDSL]["median"]
        torch_ways = [way for way in (EAGER, NATIVE, COMPILE, RECOMPUTE) if way in best]
        times = {way: best[way]["median"] for way in torch_ways}
        times["the best of torch"] = min(times.values(), default=ours)
        ratios = {rival: times[rival] / ours for rival in rivals if rival in times}
        for rival, ratio in ratios.items():
            rivals[rival].append(ratio)
        rows.append(
            [name, *(_milliseconds(best[way]) if way in best else "" for way in WAYS)]
            + [f"{ratios[rival]:.2f}x" if rival in ratios else "" for rival in rivals]
        )
    headings = ["activation", *(f"{way}, ms" for way in WAYS), *(f"against {r}" for r in rivals)]
    _table(task, headings, rows)
    for rival, values in rivals.items():
        _summary(f"against {rival}", values)


def _show_mined(kernels: Document) -> None:
    """Eager, spelled as a formula, and with torch's own functions wherever it has one."""
    for spelling, way in itertools.product(("formula", "functions"), (ACTDSL, FAST)):
        ratios = []
        for name in set(MINED) & set(kernels):
            cell = next(cell for cell in kernels[name] if cell["task"] == BOTH)
            times = {
                r["spelling"]: r["time"]["median"] for r in cell["results"] if r["way"] == EAGER
            }
            ours = _best(kernels[name], BOTH)[way]["median"]
            ratios.append(times.get(spelling, times["formula"]) / ours)
        _summary(f"{way}, mined functions against eager, by {spelling}", ratios)


def _best(cells: Sequence[Document], task: str) -> dict[str, Document]:
    """The time of each way in its faster spelling."""
    (cell,) = (cell for cell in cells if cell["task"] == task)
    best: dict[str, Document] = {}
    for result in sorted(cell["results"], key=lambda r: r["time"]["median"]):
        best.setdefault(result["way"], result["time"])
    return best


def _milliseconds(time: Document) -> str:
    return f"{time['median'] * 1e3:.2f}"


def _summary(what: str, ratios: Sequence[float]) -> None:
    if ratios:
        mean, least = statistics.geometric_mean(ratios), min(ratios)
        print(f"- {what}: geometric mean {mean:.2f}x, least {least:.2f}x, of {len(ratios)}")


def _table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(headings)} |\n|{'---|' * len(headings)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


if __name__ == "__main__":
    main()
