"""OpenEvolve's evaluator: the lab's networks, trained by a PyTorch loop on one core.

Tasks, first weights and recipe come from ``benchmarks/openevolve.py``, in the file that the variable
``BENCHMARK_TASKS`` names; a line for every evaluation goes to the one that ``BENCHMARK_LOG`` names.
It needs torch and NumPy alone.
"""

from __future__ import annotations

import importlib.util
import json
import os
import time
from collections.abc import Callable
from functools import cache
from math import cos, pi
from typing import Any

import numpy as np
import torch

Activation = Callable[[torch.Tensor], torch.Tensor]

torch.set_num_threads(1)


def evaluate(program_path: str) -> dict[str, float]:
    """The fitness of the ``activation`` in a file: minus the mean logarithm of its losses."""
    start = time.perf_counter()
    spec = importlib.util.spec_from_file_location("candidate", program_path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    score = -float(np.log(losses(module.activation)).mean())
    with open(os.environ["BENCHMARK_LOG"], "a") as log:
        log.write(json.dumps({"score": score, "seconds": time.perf_counter() - start}) + "\n")
    return {"combined_score": score}


def losses(activation: Activation) -> np.ndarray:
    """Out of distribution, of one network a task and seed, at the rate that suits the activation."""
    recipe, arrays = _tasks()
    gain = _gain(activation, recipe, arrays)

    def trained(which: str, number: int, rate: float, steps: int) -> float:
        data = {
            part: torch.from_numpy(arrays[f"{which}{number}_{part}"])
            for part in ("x", "y", "x_test", "y_test", "theta")
        }
        weights = _trained(activation, gain, recipe["width"], data, rate, steps)
        with torch.no_grad():
            errors = _output(activation, weights, data["x_test"]) - data["y_test"]
        return float((errors.double() ** 2).mean().nan_to_num(1e12, 1e12).clamp(1e-12, 1e12))

    def probed(rate: float) -> float:
        tried = [trained("probe", i, rate, recipe["probe_steps"]) for i in range(recipe["probes"])]
        return float(np.log(tried).mean())

    rates = recipe["rates"]
    rate = min(rates, key=probed) if len(rates) > 1 else rates[0]
    return np.array([trained("run", i, rate, recipe["steps"]) for i in range(recipe["runs"])])


@cache
def _tasks() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    with np.load(os.environ["BENCHMARK_TASKS"]) as file:
        arrays = dict(file)
    return json.loads(str(arrays.pop("recipe"))), arrays


def _gain(activation: Activation, recipe: dict[str, Any], arrays: dict[str, np.ndarray]) -> float:
    """What makes up for the activation's own size, so that the first signals neither grow nor fade."""
    if not recipe["gain_correction"]:
        return 1.0
    x = torch.from_numpy(arrays["normal"])
    own = float((activation(x).double() ** 2).mean())
    return float(np.sqrt(float((x.relu() ** 2).mean()) / max(own, 1e-300)).clip(0.1, 10.0))


def _trained(
    activation: Activation,
    gain: float,
    width: int,
    data: dict[str, torch.Tensor],
    rate: float,
    steps: int,
) -> list[torch.Tensor]:
    """Adam on all rows, its rate falling with a cosine."""
    x, y = data["x"], data["y"]
    weights = _layers(data["theta"], x.shape[1], width, gain)
    optimiser = torch.optim.Adam(weights, rate, fused=True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * (1 + cos(pi * step / steps)) / 2
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(_output(activation, weights, x), y).backward()
        optimiser.step()
    return weights


def _layers(theta: torch.Tensor, dimension: int, width: int, gain: float) -> list[torch.Tensor]:
    shapes = ((dimension, width), (width,), (width, width), (width,), (1, width), (1,))
    parts = theta.split([int(np.prod(shape)) for shape in shapes])
    layers = [part.reshape(shape).clone() for part, shape in zip(parts, shapes, strict=True)]
    for behind in (2, 4):
        layers[behind] *= gain
    return [layer.requires_grad_() for layer in layers]


def _output(activation: Activation, weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2, w3, b3 = weights
    hidden = activation(torch.addmm(b1, x, w1))
    hidden = activation(torch.addmm(b2, hidden, w2))
    return hidden @ w3[0] + b3
