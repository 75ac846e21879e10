"""Calls on arrays and tensors: layouts, threads, ``out=``, halves, and what is saved for later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import actdsl
from actdsl.backends.compile import function
from actdsl.backends.native import pool
from actdsl.backends.native.kernels import Kernels
from actdsl.backends.native.layout import rows
from actdsl.backends.native.steps import KernelStep

GELU = actdsl.zoo["gelu"]
SWIGLU = actdsl.zoo["swiglu"]


@st.composite
def views(draw: st.DrawFn) -> torch.Tensor:
    """Tensors cut, turned and spread out of larger ones."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    x = torch.randn([2 * size + 1 for size in shape], generator=torch.Generator().manual_seed(0))
    for axis, size in enumerate(shape):
        start, step = draw(st.integers(0, 1)), draw(st.integers(1, 2))
        x = x.narrow(axis, start, min(step * size, x.shape[axis] - start))[
            (slice(None),) * axis + (slice(None, None, step),)
        ]
    x = x.permute(*draw(st.permutations(range(len(shape)))))
    return x.unsqueeze(0).expand(2, *x.shape) if draw(st.booleans()) else x


@settings(max_examples=150, deadline=None)
@given(views(), views())
def test_any_layout(x: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(function(GELU, "native")(x), torch.nn.functional.gelu(x))
    numpy = function(GELU, "native")(x.numpy())
    np.testing.assert_allclose(numpy, torch.nn.functional.gelu(x).numpy(), rtol=1e-5, atol=1e-6)
    y = function(SWIGLU, "native")(x, other.reshape(-1)[0].expand(x.shape))
    torch.testing.assert_close(
        y, function(SWIGLU, "torch")(x, other.reshape(-1)[0].expand(x.shape))
    )


def test_halves_of_one_tensor_are_read_where_they_are() -> None:
    both = torch.randn(6, 16)
    x, gate = both.chunk(2, dim=-1)
    assert rows(x.shape, [x.stride(), gate.stride(), (8, 1)]) == (6, 8, (16, 16, 8))
    torch.testing.assert_close(
        function(SWIGLU, "native")(x, gate), function(SWIGLU, "torch")(x, gate)
    )


@pytest.mark.parametrize("name", ["gelu", "snake", "snake_per_channel", "swiglu"])
def test_any_number_of_threads_gives_the_same_bits(name: str) -> None:
    program = actdsl.zoo[name]
    generator = torch.Generator().manual_seed(0)
    x = [torch.randn(500, 600, generator=generator, requires_grad=True) for _ in program.inputs]
    module = program.module(channels=600)
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            y = module(*x)
            leaves = [*x, *module.parameters()]
            results.append([y, *torch.autograd.grad(y.square().sum(), leaves)])
    finally:
        torch.set_num_threads(before)
    for others in zip(*results, strict=True):
        assert all(torch.equal(others[0], other) for other in others)


def test_a_small_call_uses_no_thread() -> None:
    with mock.patch.object(pool, "run_all", side_effect=AssertionError):
        GELU(np.ones(1000))
        GELU(torch.ones(1000))
    with mock.patch.object(pool, "run_all", side_effect=pool.run_all) as spread:
        with mock.patch.dict(os.environ, ACTDSL_NUM_THREADS="2"):
            GELU(np.ones(2**20))
        assert len(spread.call_args.args[0]) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_threads_survive_a_fork() -> None:
    script = (
        "import os, numpy as np, actdsl\n"
        "x = np.linspace(-3, 3, 2**20)\n"
        "expected = actdsl.zoo['gelu'](x)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if np.array_equal(actdsl.zoo['gelu'](x), expected) else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0"
    )
    environment = os.environ | {"ACTDSL_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-P", "-c", script], env=environment, timeout=120)
    assert done.returncode == 0


def test_out_and_in_place() -> None:
    apply = function(GELU, "native")
    x = np.random.default_rng(0).normal(size=(9, 70))
    expected = apply(x)
    out = np.empty_like(x)
    assert apply(x, out=out) is out
    np.testing.assert_array_equal(out, expected)
    turned = np.empty((70, 9)).T
    np.testing.assert_array_equal(apply(x, out=turned), expected)
    # An output that overlaps the input a little off would spoil what is still to be read.
    buffer = np.concatenate([x.ravel(), [0.0]])
    np.testing.assert_array_equal(apply(buffer[:-1], out=buffer[1:]), expected.ravel())
    np.testing.assert_array_equal(apply(x, out=x), expected)

    t = torch.randn(1000)
    expected_tensor = apply(t)
    assert apply(t, out=t) is t
    torch.testing.assert_close(t, expected_tensor, rtol=0, atol=0)
    shared = torch.randn(1001)
    expected_tensor = apply(shared[:-1])
    torch.testing.assert_close(apply(shared[:-1], out=shared[1:]), expected_tensor, rtol=0, atol=0)


def test_out_is_refused_where_it_cannot_be() -> None:
    apply = function(GELU, "native")
    with pytest.raises(ValueError, match=r"under torch.no_grad\(\)"):
        apply(torch.ones(3, requires_grad=True), out=torch.empty(3))
    with pytest.raises(ValueError, match=r"out= is \(4,\) of torch.float32: it must be \(3,\)"):
        apply(torch.ones(3), out=torch.empty(4))
    with pytest.raises(ValueError, match="shapes differ"):
        apply(np.ones(3), out=np.ones(4))
    with pytest.raises(TypeError, match="types differ"):
        apply(np.ones(3), out=np.ones(3, np.float32))
    with pytest.raises(ValueError, match="shapes differ"):
        function(SWIGLU, "native")(torch.ones(3), torch.ones(4))
    with pytest.raises(TypeError, match=r"types differ: torch.float32 and torch.float64"):
        function(SWIGLU, "native")(torch.ones(3), torch.ones(3, dtype=torch.float64))


def test_operands_are_counted() -> None:
    ones = torch.ones(3)
    for apply in (function(GELU, "native"), GELU.module()):
        with pytest.raises(TypeError, match="it takes 1 operands, not 2"):
            apply(ones, ones)
    with pytest.raises(TypeError, match="it takes 2 operands, not 1"):
        function(SWIGLU, "native")(ones)
    with pytest.raises(TypeError, match="it takes 2 arrays, not 1"):
        function(SWIGLU, "native")(ones.numpy())
    with pytest.raises(ValueError, match="argument"):
        function(GELU, "native")(ones.numpy(), ones.numpy())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_rounded_from_results_close_to_exact(dtype: torch.dtype) -> None:
    x = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
    x = x[~(x.abs() > 1e38)]
    y = function(GELU, "native")(x)
    exact = function(GELU, "native")(x.double())
    nearest = exact.to(dtype)
    assert torch.equal(y.isnan(), nearest.isnan())
    neighbour = torch.nextafter(nearest.abs(), torch.tensor(float("inf"), dtype=dtype))
    unit = neighbour.double() - nearest.abs().double()
    error = (y.double() - exact).abs()
    assert bool((error <= 0.57 * unit)[exact.isfinite()].all())


def test_a_processor_without_halves_goes_through_float32() -> None:
    from actdsl.backends.native import steps

    x = torch.linspace(-3, 3, 50, dtype=torch.float16, requires_grad=True)
    expected = GELU.module()(x)
    with mock.patch.object(steps, "converts_halves", return_value=False):
        y = GELU.module()(x)
        (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(y, expected)
    assert gradient.dtype == torch.float16


@pytest.mark.parametrize(
    ("name", "slopes", "reread"),
    [
        ("gelu", 1, []),
        ("snake", 2, []),
        ("turbulent", 3, [0]),
        ("swiglu", 0, [0, 1]),
        ("relu", 0, [0]),
    ],
)
def test_slopes_are_saved_where_they_are_dear(name: str, slopes: int, reread: list[int]) -> None:
    kernels = Kernels(actdsl.zoo[name])
    assert (kernels.saves, kernels.slopes, kernels.reread) == (slopes > 0, slopes, reread)


def test_the_backward_pass_multiplies_where_slopes_are_saved() -> None:
    x = torch.randn(50, requires_grad=True)
    apply = function(GELU, "native")
    run = KernelStep.__call__
    with mock.patch.object(KernelStep, "__call__", autospec=True, side_effect=run) as runs:
        y = apply(x)
        y.sum().backward()
    assert [call.args[0].name for call in runs.call_args_list] == ["joint", "pullback"]
    torch.testing.assert_close(x.grad, torch.autograd.grad(torch.nn.functional.gelu(x).sum(), x)[0])


def test_second_derivatives_through_a_saved_slope() -> None:
    x = torch.randn(30, dtype=torch.float64, requires_grad=True)
    apply = function(GELU, "native")
    (first,) = torch.autograd.grad(apply(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    phi = torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5
    torch.testing.assert_close(second, phi * (2 - x * x))


def own_functions(call: Callable[[], object]) -> int:
    """How many functions of this package, written in Python, a call goes through."""
    entered: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_globals.get("__name__", "").startswith("actdsl"):
            entered.append(frame.f_code.co_name)

    call()  # the first compiles
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return len(entered)


def test_a_small_call_goes_a_short_way() -> None:
    x, leaf = torch.randn(10, 100), torch.randn(10, 100, requires_grad=True)
    array, out = x.numpy(), torch.empty(10, 100)
    layer, snake = GELU.module(), actdsl.zoo["snake"].module()
    turbulent = actdsl.zoo["turbulent"].module()

    def both(module: torch.nn.Module) -> object:
        return torch.autograd.grad(module(leaf), [leaf, *module.parameters()], x)

    assert own_functions(lambda: GELU(array)) <= 8
    with torch.no_grad():
        assert own_functions(lambda: layer(x)) <= 7
        assert own_functions(lambda: function(GELU, "native")(x, out=out)) <= 11
        assert own_functions(lambda: snake(x)) <= 16
        assert own_functions(lambda: turbulent(x)) <= 12
    assert own_functions(lambda: layer(leaf)) <= 8
    assert own_functions(lambda: both(layer)) <= 14
    assert own_functions(lambda: both(snake)) <= 31
    assert own_functions(lambda: both(turbulent)) <= 28


def test_a_small_call_asks_the_dispatcher_for_memory_alone() -> None:
    module, x = actdsl.zoo["gelu"].module(), torch.randn(1000)
    module(x)
    with torch.no_grad(), torch.profiler.profile() as profile:
        module(x)
    assert {event.name for event in profile.events()} <= {
        "aten::empty_like",
        "aten::empty_strided",
        "aten::empty",
    }


def test_tensors_that_are_not_what_they_look_like_go_the_general_way() -> None:
    apply = function(GELU, "native")
    negative = torch.randn(1, dtype=torch.complex64).conj().imag
    assert negative.is_neg()
    assert negative.is_contiguous()
    torch.testing.assert_close(apply(negative), torch.nn.functional.gelu(negative))
    assert apply(torch.empty(3, 2, device="meta")).shape == (3, 2)
    out = torch.empty(1)
    assert apply(negative, out=out) is out
    torch.testing.assert_close(out, torch.nn.functional.gelu(negative))


def test_numpy_needs_no_torch() -> None:
    script = (
        "import sys, numpy as np, actdsl\n"
        "actdsl.zoo['gelu'](np.ones(3))\n"
        "assert 'torch' not in sys.modules and 'numba' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-P", "-c", script]).returncode == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", sorted(actdsl.zoo))
def test_nan_stays_nan(name: str, dtype: torch.dtype) -> None:
    program = actdsl.zoo[name]
    x = torch.full((2, 3), torch.nan, dtype=dtype, requires_grad=True)
    y = program.module(channels=3, dtype=dtype)(*[x] * len(program.inputs))
    assert y.isnan().all()
