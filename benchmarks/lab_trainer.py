"""The lab's trainer against a PyTorch loop and against JAX: how many networks a core trains.

    taskset -c 0,1 python benchmarks/lab_trainer.py
    python benchmarks/lab_trainer.py --parts rivals --steps 50 --output /tmp/some.json
    python benchmarks/lab_trainer.py --show             # the tables of the last results

Rivals: the same network, data, number of steps, Adam and cosine, in float32, one thread each, taking
turns, in seconds of the processor; JAX as jit + scan, alone and with vmap over a population. Cores:
the same networks on one thread and on two, by the clock; and the processor's time of two over that
of one, which stays 1 where threads don't wait for each other. Memory: the largest resident set of
a process that evaluates 500 networks. Latency: from a new text to the losses of its first network,
in a warm process.
Medians and quartiles go to benchmarks/results/lab_trainer.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import actdsl
from actdsl.backends.timing import Quartiles, description, race, threads
from actdsl.evolve.lab import SUITES, Recipe, evaluate, lab_kernel
from actdsl.evolve.lab.network import initial, split
from actdsl.evolve.lab.tasks import Sizes, dataset, polynomial, stream
from actdsl.evolve.lab.trainer import predict, train

RESULTS = Path(__file__).parent / "results" / "lab_trainer.json"
PARTS = ("rivals", "cores", "memory", "latency")
NAMES = ("gelu_sinc", "relu", "gelu", "snake", "turbulent")
SHAPES = ((64, 32), (256, 64))
RATE, POPULATION, TASK = 0.01, 16, polynomial(4, 3, seed=1)
OURS, EAGER, FUSED = "actdsl", "PyTorch eager", "PyTorch eager, fused Adam"
SCAN, VMAP = "JAX jit + scan", f"JAX jit + vmap + scan, {POPULATION} networks"

Document = dict[str, Any]
Network = tuple[Any, ...]


def main() -> None:
    """Measure what was asked for, then print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure")
    parser.add_argument("--steps", type=int, default=500, help="of each network")
    parser.add_argument("--rounds", type=int, default=7, help="of each race")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        document: Document = {"date": date.today().isoformat(), "machine": description()}
        document["steps"] = chosen.steps
        for part in chosen.parts.split(","):
            document[part] = _measured(part, chosen.steps, chosen.rounds)
            chosen.output.parent.mkdir(parents=True, exist_ok=True)
            chosen.output.write_text(json.dumps(document, indent=1) + "\n")
            print(part, file=sys.stderr, flush=True)
    show(json.loads(chosen.output.read_text()))


def _measured(part: str, steps: int, rounds: int) -> Document:
    if part == "rivals":
        return _rivals(steps, rounds)
    if part == "cores":
        return _cores(steps, rounds)
    return _memory() if part == "memory" else _latency(rounds)


def _rivals(steps: int, rounds: int) -> Document:
    """Seconds that one network takes, by shape and way; and how far the trained weights agree."""
    found = {}
    with threads(1):
        for rows, width in SHAPES:
            name = f"{rows} x {width}"
            found[name] = _race_of_ways(rows, width, steps, rounds)
            ours = found[name]["times"][OURS]["median"]
            print(f"{name}: {ours * 1e3:.2f} ms a network", file=sys.stderr, flush=True)
    return found


def _race_of_ways(rows: int, width: int, steps: int, rounds: int) -> Document:
    recipe = Recipe(width, steps, (RATE,), gain_correction=False)
    kernel = lab_kernel(actdsl.zoo["gelu_sinc"], width)
    data = dataset(TASK, 0, Sizes(rows, rows, rows))
    x, y = data.x_train, data.y_train
    theta = initial(stream(TASK, 0, "initial"), TASK.dimension, recipe, kernel)
    ways: dict[str, Callable[[], Any]] = {
        OURS: partial(_native, kernel, recipe, theta, x, y),
        EAGER: partial(_eager, theta, width, x, y, steps, fused=False),
        FUSED: partial(_eager, theta, width, x, y, steps, fused=True),
        SCAN: _jax(theta, width, x, y, steps, population=0),
        VMAP: _jax(theta, width, x, y, steps, population=POPULATION),
    }
    outputs = {way: run() for way, run in ways.items()}  # the weights, flat; first calls compile
    # Core-seconds are the processor's time, not the clock's: others may want the core meanwhile.
    times = race(list(ways.values()), seconds=0, at_least=rounds, clock=time.process_time)
    networks = {way: POPULATION if way == VMAP else 1 for way in ways}
    return {
        "times": {
            way: _divided(time, networks[way]) for way, time in zip(ways, times, strict=True)
        },
        "losses": {
            way: float(np.mean((predict(kernel, recipe, trained, x) - y) ** 2))
            for way, trained in outputs.items()
        },
    }


def _native(kernel: Any, recipe: Recipe, theta: Any, x: Any, y: Any) -> Any:
    trained = theta.copy()
    train(kernel, recipe, RATE, trained, x, y)
    return trained


def _eager(theta: Any, width: int, x: Any, y: Any, steps: int, fused: bool) -> Any:
    functional = torch.nn.functional

    def activation(z: Any) -> Any:
        return functional.gelu(z) * (1 + 0.5 * torch.sinc(z))

    start = [torch.tensor(part, requires_grad=True) for part in _parts(theta, x.shape[1], width)]
    w1, b1, w2, b2, w3, b3 = start
    inputs, targets = torch.tensor(x), torch.tensor(y)
    optimiser = torch.optim.Adam(start, RATE, fused=fused)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        hidden = activation(torch.addmm(b1, inputs, w1))
        hidden = activation(torch.addmm(b2, hidden, w2))
        functional.mse_loss(hidden @ w3[0] + b3, targets).backward()
        optimiser.step()
        schedule.step()
    return np.concatenate([part.detach().numpy().ravel() for part in start])


def _jax(theta: Any, width: int, x: Any, y: Any, steps: int, population: int) -> Callable[[], Any]:
    import jax
    from jax import numpy as jnp

    def activation(z: Any) -> Any:
        return jax.nn.gelu(z, approximate=False) * (1 + 0.5 * jnp.sinc(z))

    def loss(weights: Network, x: Any, y: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = weights
        hidden = activation(activation(x @ w1 + b1) @ w2 + b2)
        return jnp.mean((hidden @ w3[0] + b3 - y) ** 2)

    def trained(weights: Network, x: Any, y: Any) -> Network:
        def step(state: tuple[Network, Network, Network], number: Any) -> Any:
            weights, first, second = state
            gradient = jax.grad(loss)(weights, x, y)
            first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
            second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
            rate = RATE * (1 + jnp.cos(jnp.pi * number / steps)) / 2 / (1 - 0.9 ** (number + 1))
            scale = jnp.sqrt(1 - 0.999 ** (number + 1))
            weights = jax.tree.map(
                lambda w, m, v: w - rate * m / (jnp.sqrt(v) / scale + 1e-8), weights, first, second
            )
            return (weights, first, second), None

        zeros = jax.tree.map(jnp.zeros_like, weights)
        numbers = jnp.arange(steps, dtype=jnp.float32)
        (weights, _, _), _ = jax.lax.scan(step, (weights, zeros, zeros), numbers)
        return weights

    weights, arguments = _parts(theta, x.shape[1], width), (x, y)
    call = jax.jit(trained)
    if population:
        weights, arguments = (
            jax.tree.map(lambda part: jnp.stack([part] * population), tree)
            for tree in (weights, arguments)
        )
        call = jax.jit(jax.vmap(trained))

    def run() -> Any:
        parts = jax.block_until_ready(call(weights, *arguments))
        parts = [part[0] for part in parts] if population else parts
        return np.concatenate([np.asarray(part).ravel() for part in parts])

    return run


def _parts(theta: Any, dimension: int, width: int) -> Network:
    return tuple(split(theta, dimension, width, 0))[:-2]


def _divided(time: Quartiles, networks: int) -> Document:
    return {
        key: value / networks if isinstance(value, float) else value
        for key, value in asdict(time).items()
    }


def _cores(steps: int, rounds: int) -> Document:
    """Seconds for some networks on one thread and on two, by activation."""
    found = {}
    with threads(2):
        for name in NAMES:
            suite = SUITES["micro"]
            recipe = replace(suite.recipe, learning_rates=(RATE,), steps=steps)
            suite = replace(suite, recipe=recipe, tasks=suite.tasks[::4])
            kernel = lab_kernel(actdsl.zoo[name], recipe.width)

            def on(count: int, kernel: Any = kernel, suite: Any = suite) -> None:
                with ThreadPoolExecutor(count) as pool:
                    list(pool.map(lambda seed: evaluate(kernel, suite, [seed]), range(4)))

            on(2)
            calls = [partial(on, 1), partial(on, 2)]
            one, two = race(calls, seconds=0, at_least=rounds)
            busy, both_busy = race(calls, seconds=0, at_least=rounds, clock=time.process_time)
            found[name] = {
                "1": asdict(one),
                "2": asdict(two),
                "quicker by": one.median / two.median,
                "processor time": both_busy.median / busy.median,
            }
    return found


_LARGE = """
import actdsl
from actdsl.evolve.lab import SUITES, evaluate, lab_kernel

suite = SUITES["micro"]
seeds = range(-(-500 // len(suite.tasks)))
evaluation = evaluate(lab_kernel(actdsl.zoo["gelu_sinc"], suite.recipe.width), suite, seeds)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(evaluation.ood.size, peak.split()[1])
"""


def _memory() -> Document:
    """Networks of the micro suite evaluated, and the process's largest resident set in bytes.

    Linux tells; ``getrusage`` will not do, since a new process inherits its parent's figure.
    """
    command = [sys.executable, "-P", "-c", _LARGE]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    networks, kilobytes = map(int, printed.split())
    return {"networks": networks, "bytes": kilobytes * 1024}


_TEXT = """
activation probe(x):
    return gelu(x) * (1 + {number} * sinc(x)) + 0.1 * tanh(x)
"""


def _latency(rounds: int) -> Document:
    """Seconds from a text that was never seen to what came of it."""
    suite = SUITES["micro"]
    first = replace(suite, tasks=suite.tasks[:1])
    samples: dict[str, list[float]] = {"first result": [], "whole evaluation": []}
    before = os.environ.get("ACTDSL_CACHE_DIR")
    with TemporaryDirectory() as folder, threads(1):
        os.environ["ACTDSL_CACHE_DIR"] = folder
        for number in range(rounds + 1):
            start = time.perf_counter()
            program = actdsl.parse(_TEXT.format(number=0.5 + number / 7))
            kernel = lab_kernel(program, suite.recipe.width)
            evaluate(kernel, first, suite.seeds[:1])
            middle = time.perf_counter()
            evaluate(kernel, suite)
            if number:  # the first warms the process
                samples["first result"].append(middle - start)
                samples["whole evaluation"].append(time.perf_counter() - start)
    if before is None:
        del os.environ["ACTDSL_CACHE_DIR"]
    else:
        os.environ["ACTDSL_CACHE_DIR"] = before
    return {name: asdict(Quartiles.of(sample)) for name, sample in samples.items()}


def show(document: Document) -> None:
    """Print the tables."""
    machine, steps = document["machine"], document["steps"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    print(f"{machine['processor']}, {machine['vectors']}, {document['date']}; {versions}")
    for shape, found in document.get("rivals", {}).items():
        times = {way: time["median"] for way, time in found["times"].items()}
        print(f"\n### Batch x width {shape}, {steps} steps, GELU-Sinc\n")
        print("| | µs a step | networks a core-second | actdsl is quicker by | loss |")
        print("|---|---|---|---|---|")
        for way, seconds in times.items():
            cells = [f"{seconds / steps * 1e6:.1f}", f"{1 / seconds:.1f}"]
            cells += [f"{seconds / times[OURS]:.1f}x", f"{found['losses'][way]:.2e}"]
            print(f"| {way} | {' | '.join(cells)} |")
    if "cores" in document:
        print("\n### Two threads\n")
        print("| | 1 thread, s | 2 threads, s | quicker by | processor time |")
        print("|---|---|---|---|---|")
        for name, row in document["cores"].items():
            one, two = (row[count]["median"] for count in ("1", "2"))
            cells = f"{row['quicker by']:.2f}x | {row['processor time']:.2f}x"
            print(f"| {name} | {one:.3f} | {two:.3f} | {cells} |")
        ratios = [row["quicker by"] for row in document["cores"].values()]
        print(f"\n- geometric mean {statistics.geometric_mean(ratios):.2f}x")
    if "memory" in document:
        memory = document["memory"]
        print(
            f"- {memory['networks']} networks: {memory['bytes'] / 2**20:.0f} MiB resident at most"
        )
    for name, sample in document.get("latency", {}).items():
        print(f"- {name} of a new text, seconds: {sample['median']:.2f}")


if __name__ == "__main__":
    main()
