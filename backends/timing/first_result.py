"""Run as a program: how long this process takes from an activation's text to its first gradient.

    python -P -m actdsl.backends.timing.first_result actdsl < two_texts.json

Reads a JSON list of texts and prints a JSON list of seconds, a number for each activation in turn:
the later ones find the compiler already at work. The clock starts after ``import torch, actdsl``
and a first gradient of torch's own, for which torch imports sympy. Ours starts at the text.
torch.compile starts at a Python function, written out before, as somebody would have written it.
"""

from __future__ import annotations

import json
import sys
import time

import torch

import actdsl

SHAPE = (64, 64)


def seconds(way: str, text: str) -> float:
    """Seconds from a text to an output and all gradients."""
    if way == "actdsl":
        start = time.perf_counter()
        program = actdsl.parse(text)
        module = program.module(channels=SHAPE[-1])
        inputs = [torch.randn(SHAPE, requires_grad=True) for _ in program.inputs]
        y = module(*inputs)
        leaves = [*inputs, *module.parameters()]
    else:
        from actdsl.backends.timing.spellings import spellings
        from actdsl.backends.timing.ways import operands

        program = actdsl.parse(text)
        given = operands(program, SHAPE[0] * SHAPE[1], "cpu")
        leaves = [*given.inputs, *given.params]
        apply = spellings(program)[-1].apply
        start = time.perf_counter()
        y = torch.compile(apply)(*leaves)
    torch.autograd.grad(y, leaves, torch.ones(SHAPE), allow_unused=True)
    return time.perf_counter() - start


def main() -> None:
    """Time every text given on the standard input."""
    x = torch.randn(SHAPE, requires_grad=True)
    torch.autograd.grad(torch.sigmoid(x), x, torch.ones(SHAPE))
    print(json.dumps([seconds(sys.argv[1], text) for text in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
