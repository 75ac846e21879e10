"""Large tensors, part by part: statistics, sums and places, whatever the shape and the threads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from unittest import mock

import numpy as np
import pytest
import torch
from torch import Tensor

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.native import pool, sweep
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.sweep import Sweep
from actdsl.backends.schedule import passes, saving

BODIES = (
    "(x - mean(x)) / (std(x) + 1)",
    "(x - mean(x, batch)) / (1 + std(x, batch)) + amax(x)",
    "(x - mean(x, feature)) / (1 + std(x, feature))",
    "sin(x) * exp(-var(x, feature)) + cos(x * amin(x, batch))",
    "x * sigmoid(shift(x, 2)) + shift(x - mean(x, feature), -1) * var(x)",
    "x * mean(abs(x - mean(x, batch)), feature)",
    "x * amax(x * x, feature) - amin(sin(x))",
    "sin(a * x) * exp(c * x / 9) + mean(x * c) * a",
    "exp(-a * (x - mean(x, batch)) ** 2) * sin(c * x)",
)
SHAPES = [(70001,), (1700, 41), (3, 5, 4700), (2, 40000), (40000, 2)]
STATIC = "param a = 0.7\n param c = 1.5 per channel\n"


@pytest.fixture
def threads() -> Iterator[None]:
    """Threads as they were before."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def program(body: str) -> actdsl.Activation:
    return actdsl.parse(f"activation f(x):\n {STATIC if 'c * x' in body else ''} return {body}")


def results(act: actdsl.Activation, shape: tuple[int, ...], backend: str) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
    flow = torch.randn(shape, generator=generator, dtype=torch.float64)
    module = act.module(backend=backend, channels=shape[-1], dtype=torch.float64)
    y = module(x)
    return [y.detach(), *torch.autograd.grad(y, [x, *module.parameters()], flow)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("body", BODIES)
def test_parts_give_what_the_whole_gives(body: str, shape: tuple[int, ...]) -> None:
    act = program(body)
    assert np.prod(shape) > sweep.PART
    for found, expected in zip(
        results(act, shape, "native"), results(act, shape, "torch"), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9 * expected.abs().max())


@pytest.mark.parametrize("body", BODIES)
def test_any_number_of_threads_gives_the_same_bits(body: str, threads: None) -> None:
    act, found = program(body), []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        found.append(results(act, (3000, 70), "native"))
    for others in zip(*found, strict=True):
        assert all(torch.equal(others[0], other) for other in others)


def test_what_is_saved_is_not_found_again() -> None:
    act = actdsl.zoo["turbulent"]
    joint, pullback = saving(act, 24)
    assert set(pullback.known) == set(joint.found) != set()
    assert not set(pullback.collectives) & set(joint.collectives)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("price", [0, 10**6])
def test_slopes_saved_or_not_the_gradient_is_the_same(body: str, price: int) -> None:
    act = program(body)
    with mock.patch("actdsl.backends.native.kernels._WORTH_SAVING", price):
        kernels = Kernels(act)
        assert price == 0 or kernels.slopes == 0
        from actdsl.backends.native.tensors import tensor_function

        apply = tensor_function(kernels)
    x = torch.randn(11, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    leaves = [x.requires_grad_(), *_parameters(act, 6)]
    plain = function(act, "torch")
    flow = torch.cos(x.detach())
    found = torch.autograd.grad(apply(*leaves), leaves, flow)
    expected = torch.autograd.grad(plain(*leaves), leaves, flow)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def _parameters(act: actdsl.Activation, channels: int) -> list[Tensor]:
    return [
        torch.full(
            (channels,) if spec.per_channel else (), spec.initial, dtype=torch.float64
        ).requires_grad_()
        for spec in act.params
    ]


def test_a_pass_knows_what_those_before_it_found() -> None:
    kernel = saving(actdsl.zoo["turbulent"], 24)[0]
    steps = passes(kernel)
    assert [len(step.found) for step in steps] == [1, 1, 0]
    assert [len(step.known) for step in steps] == [0, 1, 2]
    assert all(step.partial == (not step.outputs) for step in steps)


def test_a_small_tensor_is_one_call() -> None:
    with mock.patch.object(Sweep, "_passes", new=None):
        actdsl.zoo["turbulent"](torch.randn(64, 64))
        with pytest.raises(TypeError):
            actdsl.zoo["turbulent"](torch.randn(640, 640))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", ["gelu", "snake", "snake_per_channel", "turbulent"])
def test_slopes_in_any_type(name: str, dtype: torch.dtype) -> None:
    act, error = actdsl.zoo[name], 4 * torch.finfo(dtype).eps
    x = torch.randn(9, 8, generator=torch.Generator().manual_seed(2)).to(dtype)
    found, expected = (
        _gradients(act, x.to(kind), backend)
        for kind, backend in ((dtype, "native"), (torch.float64, "torch"))
    )
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == dtype
        torch.testing.assert_close(a.double(), b, rtol=error, atol=error * b.abs().max().item())


def _gradients(act: actdsl.Activation, x: Tensor, backend: str) -> list[Tensor]:
    module = act.module(backend=backend, channels=8, dtype=x.dtype)
    x.requires_grad_()
    return list(torch.autograd.grad(module(x), [x, *module.parameters()], torch.ones_like(x)))


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_work_is_shared_out_once(workers: int) -> None:
    done: list[int] = []
    pool.share_out([partial(done.append, k) for k in range(50)], workers)
    assert sorted(done) == list(range(50))


def test_what_fails_in_a_thread_is_heard_of() -> None:
    def fail() -> None:
        raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        pool.share_out([fail, fail, fail], 2)
