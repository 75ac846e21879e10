"""Activations for the lab, each beside the same function written by hand in torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch

from actdsl.evolve.lab import LabKernel, lab_kernel
from actdsl.grammar import parse

WIDTH = 12
"""Of the networks that tests train one by one: no whole number of vectors."""


@dataclass(frozen=True)
class Hand:
    """An activation twice: text, and torch."""

    text: str
    torch: Callable[[Any, Any], Any]


def _turbulent(x: Any, _: Any) -> Any:
    z = (x - x.mean()) / (x.std(unbiased=False) + 1e-6)
    wave = 0.2 * torch.exp(-(z**2) / 2) * torch.sin(2 * x)
    return torch.sign(x) * torch.log1p(0.5 * torch.abs(x)) + wave


HANDS = {
    "relu": Hand("activation f(x): return relu(x)", lambda x, _: torch.relu(x)),
    "gelu": Hand("activation f(x): return gelu(x)", lambda x, _: torch.nn.functional.gelu(x)),
    "snake": Hand(
        "activation f(x): param a = 1 in [0.9, 2] return x + sin(a * x)**2 / a",
        lambda x, a: x + torch.sin(a * x) ** 2 / a,
    ),
    "two": Hand(
        "activation f(x): param a = 0.5 per channel param b = 0.3 return a * tanh(x) + sin(b * x)",
        lambda x, p: p[:-1] * torch.tanh(x) + torch.sin(p[-1] * x),
    ),
    "centred_tanh": Hand(
        "activation f(x): return tanh(x) - mean(tanh(x), batch)",
        lambda x, _: torch.tanh(x) - torch.tanh(x).mean(dim=0),
    ),
    "turbulent": Hand(
        "activation f(x): let z = (x - mean(x)) / (std(x) + 1e-6)"
        " return sign(x) * log1p(0.5 * abs(x)) + 0.2 * exp(-z**2 / 2) * sin(2 * x)",
        _turbulent,
    ),
    "shifted": Hand(
        "activation f(x): param a = 0.5 in [0, 1] return softplus(x) - a * shift(x, 1)",
        lambda x, a: (
            torch.nn.functional.softplus(x) - a * torch.nn.functional.pad(x, (1, 0))[:, :-1]
        ),
    ),
    "exploding": Hand("activation f(x): return exp(x * x)", lambda x, _: torch.exp(x * x)),
    "nan": Hand("activation f(x): return sqrt(-1 - x * x)", lambda x, _: x * torch.nan),
}


@pytest.fixture(scope="session")
def hands() -> dict[str, Hand]:
    return HANDS


@pytest.fixture(scope="session")
def compiled() -> Callable[..., LabKernel]:
    """``compiled(name, dtype, width)``: the named activation's kernel."""

    @cache
    def kernel(name: str, dtype: str = "float32", width: int = WIDTH) -> LabKernel:
        return lab_kernel(parse(HANDS[name].text).program, width, dtype)

    return kernel
