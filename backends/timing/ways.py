"""The ways to run an activation: ours, and what one would take instead of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from actdsl.backends.compile import function
from actdsl.backends.module import ActivationModule
from actdsl.backends.timing.spellings import Spelling, spellings
from actdsl.program import Program

ACTDSL, FAST, EAGER, NATIVE = "actdsl", "actdsl-fast", "eager", "native"
COMPILE, JAX = "torch.compile", "jax"
RECOMPUTE = "torch.compile+recompute"
WAYS = (ACTDSL, FAST, EAGER, NATIVE, COMPILE, RECOMPUTE, JAX)
"""Our module; the same with ``fast=True``; torch as one would write it; torch's own kernel, where
there is one; all of these spellings compiled; compiled so that nothing but inputs is kept for
backward; jitted JAX."""

DEFAULT_WAYS = tuple(way for way in WAYS if way != RECOMPUTE)


@dataclass(frozen=True)
class Operands:
    """What every way is given: the same values, in float32.

    Attributes:
        inputs, params: leaves that ask for gradients.
        flow: the cotangent of the output.
    """

    inputs: list[Tensor]
    params: list[Tensor]
    flow: Tensor

    @property
    def leaves(self) -> list[Tensor]:
        """Inputs, then parameters."""
        return [*self.inputs, *self.params]


@dataclass(frozen=True)
class Way:
    """A way to run an activation, in one spelling of it.

    Attributes:
        forward: computes the output.
        both: computes the output, then the gradients of inputs and parameters.
        first: entered around first calls, in which compilers work.
    """

    name: str
    spelling: str
    forward: Callable[[], object]
    both: Callable[[], object]
    first: Callable[[], AbstractContextManager[object]] = nullcontext


def operands(program: Program, size: int, device: str) -> Operands:
    """``size`` normal numbers per input, in rows of 64 where that divides it."""
    generator = torch.Generator().manual_seed(0)
    shape = (size // 64, 64) if size % 64 == 0 else (1, size)

    def normal() -> Tensor:
        return torch.randn(shape, generator=generator).to(device)

    params = [
        torch.full((shape[-1],) if spec.per_channel else (), spec.initial, device=device)
        for spec in program.params
    ]
    inputs = [normal().requires_grad_() for _ in program.inputs]
    return Operands(inputs, [p.requires_grad_() for p in params], normal())


def ways(program: Program, given: Operands, names: Collection[str]) -> Iterator[Way]:
    """The ways of some names that there are for a program, spelling by spelling."""
    device = given.flow.device.type
    written = spellings(program)
    for name in (ACTDSL, FAST):
        if name in names:
            channels = given.flow.shape[-1]
            module = ActivationModule(program, channels=channels, device=device, fast=name == FAST)
            ours = Operands(given.inputs, list(module.parameters()), given.flow)
            yield _in_torch(name, "module", module, ours, ours.inputs)
    for spelling in written:
        name = NATIVE if spelling.native else EAGER
        if name in names:
            yield _in_torch(name, spelling.name, spelling.apply, given, given.leaves)
    if COMPILE in names or RECOMPUTE in names:
        # Dynamo keeps few versions of a function, and past them falls back to eager.
        torch.compiler.reset()
    distinct = {spelling.text: spelling for spelling in written}.values()
    if COMPILE in names:
        yield from (_compiled(spelling, given) for spelling in distinct)
    if RECOMPUTE in names:
        yield from (_recomputing(spelling, given) for spelling in distinct)
    if JAX in names and absent(JAX, device) is None:
        yield _in_jax(program, given)


def absent(name: str, device: str) -> str | None:
    """Why there is no such way on this machine, or None."""
    if name != JAX:
        return None
    if find_spec("jax") is None:
        return "JAX is not installed: pip install 'actdsl[jax]'"
    import jax

    platform = {"cpu": "cpu", "cuda": "gpu"}[device]
    return None if jax.default_backend() == platform else f"JAX does not run on {device} here"


def _in_torch(
    name: str,
    spelling: str,
    apply: Callable[..., Tensor],
    given: Operands,
    arguments: Sequence[Tensor],
    first: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Way:
    def forward() -> object:
        return apply(*arguments)

    def both() -> object:
        y = apply(*arguments)
        return y, torch.autograd.grad(y, given.leaves, given.flow, allow_unused=True)

    return Way(name, spelling, forward, both, first)


def _compiled(spelling: Spelling, given: Operands) -> Way:
    apply = torch.compile(spelling.apply, dynamic=False)
    return _in_torch(COMPILE, spelling.name, apply, given, given.leaves)


def _recomputing(spelling: Spelling, given: Operands) -> Way:
    """Compiled with a budget of nothing for what is kept; by default masks may be kept.

    On AVX2, Inductor packs the lanes of a mask one by one, which for a rectifier takes ten times as
    long as all the rest.
    """
    from torch._functorch import config

    def apart(*tensors: Tensor) -> Tensor:  # Dynamo keeps what it compiled by code, not by function
        return spelling.apply(*tensors)

    apply = torch.compile(apart, dynamic=False)
    keep_inputs = partial(config.patch, activation_memory_budget=0.0)
    return _in_torch(RECOMPUTE, spelling.name, apply, given, given.leaves, keep_inputs)


def _in_jax(program: Program, given: Operands) -> Way:
    """One jitted function each, so that XLA may share work between forward and backward."""
    import jax
    import jax.numpy as jnp

    apply = function(program, "jax")

    def both(flow: Any, *arguments: Any) -> Any:
        y, pull = jax.vjp(apply, *arguments)
        return y, pull(flow)

    forward, both = jax.jit(apply), jax.jit(both)
    flow, *arguments = (jnp.asarray(t.detach().cpu().numpy()) for t in (given.flow, *given.leaves))
    finished: Callable[[Any], object] = jax.block_until_ready
    return Way(
        JAX,
        "jnp",
        lambda: finished(forward(*arguments)),
        lambda: finished(both(flow, *arguments)),
    )
