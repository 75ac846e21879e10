"""This kernel against eager torch and torch.compile: interleaved runs, medians and spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from actdsl.backends.compile import function, target_for
from actdsl.backends.formulas import formula
from actdsl.backends.load import load
from actdsl.backends.runtime.torch_formulas import constant
from actdsl.backends.schedule import schedule
from actdsl.backends.targets.torch import dialect
from actdsl.program import Kind, Program

KINDS = ("actdsl", "eager", "torch.compile")
"""What is timed: our kernel; the formula as one would write it in torch; the same, compiled."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one way to run an activation, forward and backward together.

    Attributes:
        first: the first call, compilation included.
        median, low, high: of the later calls; low and high are the quartiles.
    """

    first: float
    median: float
    low: float
    high: float


def compare(
    program: Program, size: int, device: str = "cpu", runs: int = 30
) -> Mapping[str, Timing]:
    """Time forward and backward on ``size`` float32 elements, the ways taking turns in every run."""
    functions = {
        "actdsl": function(program, target_for(device)),
        "eager": plain(program),
        "torch.compile": torch.compile(plain(program)),
    }
    generator = torch.Generator().manual_seed(0)
    shape = (size // 64, 64) if size % 64 == 0 else (1, size)
    inputs = [
        torch.randn(shape, generator=generator).to(device).requires_grad_() for _ in program.inputs
    ]
    params = [
        torch.full((shape[-1],) if spec.per_channel else (), spec.initial, device=device)
        for spec in program.params
    ]
    flow = torch.ones(shape, device=device)
    first = {kind: _once(functions[kind], inputs, params, flow) for kind in KINDS}
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(runs):
        for kind in KINDS:
            seconds[kind].append(_once(functions[kind], inputs, params, flow))
    return {kind: _timing(first[kind], seconds[kind]) for kind in KINDS}


def plain(program: Program) -> Callable[..., Tensor]:
    """The activation as one would write it in torch: its formula in the tensors' own type."""
    kernel = schedule(program).forward
    text = formula(kernel, "plain", dialect(kernel.inputs[0]))
    namespace: dict[str, object] = {"torch": torch, "constant": constant}
    if program.kind is Kind.CONTEXTUAL:
        import actdsl.backends.runtime.torch_statistics as torch_statistics

        namespace |= vars(torch_statistics)
    plain_formula = load(f"import math\n\n\n{text}\n", namespace).plain
    return lambda *tensors: plain_formula(*tensors)[0]


def _once(
    apply: Callable[..., Tensor], inputs: list[Tensor], params: list[Tensor], flow: Tensor
) -> float:
    """Milliseconds of one forward and one backward pass."""
    _wait(flow)
    start = time.perf_counter()
    y = apply(*inputs, *params)
    torch.autograd.grad(y, inputs, flow.expand_as(y), allow_unused=True)
    _wait(flow)
    return (time.perf_counter() - start) * 1e3


def _wait(tensor: Tensor) -> None:
    if tensor.is_cuda:
        torch.cuda.synchronize()


def _timing(first: float, later: list[float]) -> Timing:
    low, median, high = statistics.quantiles(later, n=4)
    return Timing(first, median, low, high)
