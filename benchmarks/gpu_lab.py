"""The population's trainer against a PyTorch loop on the same device: networks a second.

    python benchmarks/gpu_lab.py                        # ten minutes on one GPU
    python benchmarks/gpu_lab.py --device cpu --sizes 4 --steps 5 --rounds 2    # whether it runs
    python benchmarks/gpu_lab.py --show                 # the table of the last results

A population trains as the lab does: fresh weights and points are made and copied to the device, the
step is captured, replayed and measured. The loop trains one network after the other with autograd
and torch's Adam, fused where it can be; its data are on the device already. Both take turns; a
figure is the median of the rounds. Seconds to compile the kernel, with the first population, and
how far the losses of one network lie apart, are printed too. Medians and quartiles go to
benchmarks/results/gpu_lab.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import actdsl
from actdsl.backends.timing import Quartiles, description, race, spellings
from actdsl.evolve.lab import SUITES, LabKernel, Recipe, lab_kernel
from actdsl.evolve.lab.network import initial, split
from actdsl.evolve.lab.population import Member, run_all
from actdsl.evolve.lab.run import cached_dataset
from actdsl.evolve.lab.tasks import stream

RESULTS = Path(__file__).parent / "results" / "gpu_lab.json"
NAMES, SIZES = "relu,gelu,gelu_sinc", "36,256,1024,2048,4096"
SUITE, RATE = SUITES["micro"], 0.01
LOOP = "PyTorch loop"

Document = dict[str, Any]
Activation = Callable[[Tensor], Tensor]


def main() -> None:
    """Measure what was asked for, then print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", default=NAMES, help="activations without parameters")
    parser.add_argument("--sizes", default=SIZES, help="networks of a population")
    parser.add_argument("--steps", type=int, default=SUITE.recipe.steps, help="of each network")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        if chosen.device == "cuda" and not torch.cuda.is_available():
            sys.exit("there is no CUDA device here: nothing was measured")
        document: Document = {
            "date": date.today().isoformat(),
            "machine": description(chosen.device),
            "steps": chosen.steps,
            "activations": {},
        }
        sizes = [int(size) for size in chosen.sizes.split(",")]
        recipe = replace(SUITE.recipe, steps=chosen.steps)
        for name in chosen.names.split(","):
            found = measured(name, sizes, recipe, chosen.rounds, chosen.device)
            document["activations"][name] = found
            chosen.output.parent.mkdir(parents=True, exist_ok=True)
            chosen.output.write_text(json.dumps(document, indent=1) + "\n")
            print(name, file=sys.stderr, flush=True)
    show(json.loads(chosen.output.read_text()))


def measured(name: str, sizes: list[int], recipe: Recipe, rounds: int, device: str) -> Document:
    """Seconds of the loop's one network and of each population, and what they agree in."""
    program = actdsl.zoo[name]
    kernel = lab_kernel(program, recipe.width)
    tasks = SUITE.tasks
    most = [Member(0, RATE, tasks[k % len(tasks)], k // len(tasks)) for k in range(max(sizes))]
    start = time.perf_counter()
    ours = run_all([kernel], recipe, SUITE.sizes, most[:1], device)[0]
    compiled = time.perf_counter() - start
    activation: Activation = spellings(program)[0].apply
    ways: dict[str, Callable[[], Any]] = {
        LOOP: partial(loop, kernel, activation, recipe, most[0], device)
    }
    for size in sizes:
        ways[str(size)] = partial(run_all, [kernel], recipe, SUITE.sizes, most[:size], device)
    theirs = ways[LOOP]()
    settle = torch.cuda.synchronize if device == "cuda" else lambda: None
    times = race(list(ways.values()), 0.0, at_least=rounds, settle=settle)
    return {
        "compiled": compiled,
        "losses": {"actdsl": ours.tolist(), LOOP: theirs},
        "times": {way: asdict(t) for way, t in zip(ways, times, strict=True)},
    }


def loop(
    kernel: LabKernel, activation: Activation, recipe: Recipe, member: Member, device: str
) -> list[float]:
    """A network's losses in distribution and out of it, trained as people do."""
    data = cached_dataset(member.task, member.seed, SUITE.sizes, kernel.dtype)
    dimension = member.task.dimension
    theta = initial(stream(member.task, member.seed, "initial"), dimension, recipe, kernel)
    parts = split(theta, dimension, recipe.width, 0)[:6]
    w1, b1, w2, b2, w3, b3 = weights = [
        torch.tensor(part, device=device, requires_grad=True) for part in parts
    ]

    def outputs(x: Any) -> Tensor:
        hidden = activation(torch.addmm(b1, torch.as_tensor(x, device=device), w1))
        return activation(torch.addmm(b2, hidden, w2)) @ w3[0] + b3

    def loss(x: Any, y: Any) -> Tensor:
        return torch.nn.functional.mse_loss(outputs(x), torch.as_tensor(y, device=device))

    x, y = (torch.tensor(array, device=device) for array in (data.x_train, data.y_train))
    optimiser = torch.optim.Adam(weights, member.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.steps)
    for _ in range(recipe.steps):
        optimiser.zero_grad()
        loss(x, y).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return [float(loss(data.x_valid, data.y_valid)), float(loss(data.x_ood, data.y_ood))]


def show(document: Document) -> None:
    """Print a line for each activation and size."""
    versions = ", ".join(f"{n} {number}" for n, number in document["machine"]["versions"].items())
    print(f"{document['machine']['processor']}, {document['date']}; {versions}")
    print(f"{document['steps']} steps, {SUITE}; the loop trains one network after the other.\n")
    heads = ["activation", "networks", "seconds", "networks/s", "loop, networks/s", "ratio"]
    for line in (heads, ["---"] * len(heads)):
        print(f"| {' | '.join(line)} |")
    for name, found in document["activations"].items():
        times = {way: Quartiles(**time).median for way, time in found["times"].items()}
        theirs = 1 / times.pop(LOOP)
        for size, seconds in times.items():
            ours = int(size) / seconds
            line = [name, size, f"{seconds:.3f}", f"{ours:.0f}", f"{theirs:.2f}"]
            print(f"| {' | '.join([*line, f'{ours / theirs:.0f}x'])} |")
    print()
    for name, found in document["activations"].items():
        ours, theirs = found["losses"]["actdsl"], found["losses"][LOOP]
        apart = max(abs(a / b - 1) for a, b in zip(ours, theirs, strict=True))
        print(f"{name}: first run {found['compiled']:.1f} s, losses {apart:.1%} apart")


if __name__ == "__main__":
    main()
