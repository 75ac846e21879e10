"""CUDA kernels against eager torch and torch.compile, as shares of the device's copy bandwidth.

    python benchmarks/gpu_kernels.py                          # an hour on one GPU
    python benchmarks/gpu_kernels.py --names gelu,silu --sizes 2^24 --dtypes bfloat16
    python benchmarks/gpu_kernels.py --show                   # the tables of the last results

Every way is captured as a CUDA graph, which leaves Python out of the figure; calls of 2^10 elements
are timed as they are, which shows little else. In each round all ways and a copy of one tensor take
turns between CUDA events; a figure is the median of the rounds. The share is what a kernel has to
move, inputs and cotangent once in, results once out, against what the copy moves in the same time.
Medians and quartiles go to benchmarks/results/gpu_kernels.json, cell by cell. Most of the hour
torch.compile compiles.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import actdsl
from actdsl.backends.timing import Quartiles, description, spellings

RESULTS = Path(__file__).parent / "results" / "gpu_kernels.json"
NAMES = "relu,gelu,silu,mish,tanh,gelu_sine,gelu_sinc,gmtu,swiglu,turbulent"
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SIZES = "2^20,2^24,2^26"
SMALL = 2**10
DEVICE = "cuda"
TASKS = ("forward", "backward")
OURS, COPY = "actdsl", "copy"
KINDS = (OURS, "eager", "torch.compile")
WARM_UPS, ROUNDS, SHORTEST = 3, 30, 1e-3

Call = Callable[[], object]
Document = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """An activation, a type, a number of elements, and one of ``TASKS``."""

    name: str
    dtype: str
    size: int
    task: str

    def moved(self) -> int:
        """Bytes that a kernel cannot do without."""
        inputs = len(actdsl.zoo[self.name].inputs)
        arrays = inputs + 1 if self.task == "forward" else 2 * inputs + 1
        return arrays * self.size * DTYPES[self.dtype].itemsize

    def copied(self) -> int:
        """Bytes that the copy moves."""
        return 2 * self.size * DTYPES[self.dtype].itemsize


def main() -> None:
    """Measure what was asked for, then print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", default=NAMES, help="activations")
    parser.add_argument("--dtypes", default="float32,bfloat16", help=f"of {', '.join(DTYPES)}")
    parser.add_argument("--sizes", default=SIZES, help="elements")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        if not torch.cuda.is_available():
            sys.exit("there is no CUDA device here: nothing was measured")
        document: Document = {
            "date": date.today().isoformat(),
            "machine": description(DEVICE),
            "cells": [],
        }
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        sizes = f"{SMALL},{chosen.sizes}"
        for cell in cells(chosen.names, chosen.dtypes, sizes):
            found = measured(cell, chosen.rounds)
            document["cells"].append({**asdict(cell), "times": found})
            chosen.output.write_text(json.dumps(document, indent=1) + "\n")
            print(*asdict(cell).values(), file=sys.stderr, flush=True)
    show(json.loads(chosen.output.read_text()))


def cells(names: str, dtypes: str, sizes: str) -> Iterator[Cell]:
    """All that is measured, from lists separated by commas."""
    for name in names.split(","):
        for dtype in dtypes.split(","):
            for size in sizes.split(","):
                base, _, power = size.partition("^")
                for task in TASKS:
                    yield Cell(name, dtype, int(base) ** int(power or 1), task)


def measured(cell: Cell, rounds: int) -> Document:
    """Seconds of every way and of the copy; torch's ways that fail are left out."""
    calls: dict[str, Call] = {}
    for way, call in {**ways(cell), COPY: copy(cell)}.items():
        try:
            calls[way] = warmed(call) if cell.size == SMALL else captured(call)
        except Exception as error:  # other people's compilers may fail in any way
            if way in (OURS, COPY):
                raise
            print(f"{way}: {error}".splitlines()[0], file=sys.stderr)
    return {way: asdict(time) for way, time in race(calls, rounds).items()}


def ways(cell: Cell) -> dict[str, Call]:
    """Ours, and every spelling of the activation in torch, as it is and compiled."""
    program = actdsl.zoo[cell.name]
    generator = torch.Generator(DEVICE).manual_seed(0)
    torch.compiler.reset()  # Dynamo keeps few versions of a function, and past them runs it eagerly

    def normal() -> Tensor:
        shape = (cell.size // 64, 64) if cell.size % 64 == 0 else (1, cell.size)
        return torch.randn(shape, generator=generator, device=DEVICE).to(DTYPES[cell.dtype])

    inputs, flow = [normal().requires_grad_() for _ in program.inputs], normal()
    functions: dict[str, Callable[..., Tensor]] = {OURS: program.module(channels=64, device=DEVICE)}
    for spelling in spellings(program):
        functions[f"eager, {spelling.name}"] = spelling.apply
        compiled = torch.compile(spelling.apply, dynamic=False)
        functions[f"torch.compile, {spelling.name}"] = compiled
    return {way: task(function, inputs, flow, cell.task) for way, function in functions.items()}


def task(function: Callable[..., Tensor], inputs: list[Tensor], flow: Tensor, name: str) -> Call:
    """The value without gradients, or the gradients of a value that is there already."""
    if name == "forward":

        def forward() -> Tensor:
            with torch.no_grad():
                return function(*inputs)

        return forward
    value: list[Tensor] = []

    def backward() -> tuple[Tensor, ...]:
        if not value:  # computed with the first call, whose time does not count
            value.append(function(*inputs))
        return torch.autograd.grad(value[0], inputs, flow, retain_graph=True)

    return backward


def copy(cell: Cell) -> Call:
    """torch's copy of one tensor."""
    source = torch.zeros(cell.size, dtype=DTYPES[cell.dtype], device=DEVICE)
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def warmed(call: Call) -> Call:
    """A call, which has been called often enough to compile."""
    for _ in range(WARM_UPS):
        call()
    return call


def captured(call: Call) -> Call:
    """A CUDA graph of a call; what it takes its gradients of is computed on the graph's stream."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        warmed(call)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=side):
        call()
    return graph.replay


def race(calls: dict[str, Call], rounds: int) -> dict[str, Quartiles]:
    """Time calls that take turns, between CUDA events; short ones several times in a row."""
    repeats = {}
    for way, call in calls.items():
        call()
        repeats[way] = max(1, round(SHORTEST / max(_seconds(call, 1), 1e-7)))
    order = list(calls)
    samples: dict[str, list[float]] = {way: [] for way in order}
    for turn in range(rounds):
        for way in order[turn % len(order) :] + order[: turn % len(order)]:
            samples[way].append(_seconds(calls[way], repeats[way]))
    return {way: Quartiles.of(sample) for way, sample in samples.items()}


def _seconds(call: Call, repeats: int) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(repeats):
        call()
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1e3 / repeats


def show(document: Document) -> None:
    """Print a table for each type and task, and the bars that they are held against."""
    versions = ", ".join(f"{n} {number}" for n, number in document["machine"]["versions"].items())
    print(f"{document['machine']['processor']}, {document['date']}; {versions}")
    print("Torch's time is that of the quicker spelling.")
    cells = [
        (Cell(**{f.name: c[f.name] for f in fields(Cell)}), c["times"]) for c in document["cells"]
    ]
    for dtype, name in product(DTYPES, TASKS):
        kept = [(cell, times) for cell, times in cells if (cell.dtype, cell.task) == (dtype, name)]
        if large := [row(cell, times) for cell, times in kept if cell.size != SMALL]:
            _table(f"{dtype}, {name}", large)
    _calls([(cell, times) for cell, times in cells if cell.size == SMALL])


def row(cell: Cell, times: Document) -> list[str]:
    """A line of a table: ours, its share of the copy's bandwidth, and how torch compares."""
    bandwidth = cell.copied() / times[COPY]["median"]
    line = [cell.name, f"2^{cell.size.bit_length() - 1}", f"{bandwidth / 1e9:.0f}"]
    ours, *rivals = best(times)
    assert ours is not None
    line += [f"{ours * 1e6:.1f}", f"{cell.moved() / ours / bandwidth:.0%}"]
    return [*line, *(f"{rival / ours:.2f}x" if rival else "" for rival in rivals)]


def best(times: Document) -> list[float | None]:
    """Our time, and those of the quicker spelling in eager torch and under torch.compile."""
    return [
        min((t["median"] for way, t in times.items() if way.startswith(kind)), default=None)
        for kind in KINDS
    ]


def _table(title: str, rows: list[list[str]]) -> None:
    heads = ["activation", "size", "copy, GB/s", "actdsl, µs", "of copy"]
    heads += ["against eager", "against torch.compile"]
    _printed(title, heads, rows)
    largest = max(int(line[1].removeprefix("2^")) for line in rows)
    shares = [int(r[4].removesuffix("%")) for r in rows if r[1] == f"2^{largest}" and r[4]]
    if shares:
        print(f"\nAt 2^{largest}: median {statistics.median(shares):.0f} %, least {min(shares)} %.")


def _calls(small: list[tuple[Cell, Document]]) -> None:
    """Print what a call costs where there is next to nothing to compute."""
    rows = [
        [cell.name, cell.dtype, cell.task, *(f"{t * 1e6:.1f}" if t else "" for t in best(times))]
        for cell, times in small
    ]
    heads = ["activation", "type", "task", *KINDS]
    _printed(f"Microseconds a call of {SMALL} elements, no graph", heads, rows)


def _printed(title: str, heads: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n")
    for line in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
