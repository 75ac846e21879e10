"""CUDA kernels on a GPU, against the torch target on the same device."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import actdsl
from actdsl.backends.load import load
from actdsl.backends.names import class_name

NAMES = ("relu", "gelu_sinc", "snake", "snake_per_channel", "turbulent", "swiglu")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
TOLERANCES = {
    torch.float64: 1e-12,
    torch.float32: 1e-5,
    torch.float16: 2e-3,
    torch.bfloat16: 2e-2,
}


def layers(name: str, channels: int) -> tuple[Any, Any]:
    """The module of the cuda target and that of the torch target."""
    act = actdsl.zoo[name]
    files = (load(act.source(target)) for target in ("cuda", "torch"))
    first, second = (
        getattr(file, class_name(act))(channels=channels, device="cuda") for file in files
    )
    return first, second


def inputs_of(name: str, *shape: int, dtype: torch.dtype) -> list[torch.Tensor]:
    generator = torch.Generator("cuda").manual_seed(0)
    return [
        torch.randn(*shape, device="cuda", generator=generator).to(dtype).requires_grad_()
        for _ in actdsl.zoo[name].inputs
    ]


def derivatives(layer: Any, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    leaves = [*inputs, *layer.parameters()]
    value = layer(*inputs)
    first = torch.autograd.grad((value * value).mean(), leaves, create_graph=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in first), leaves, allow_unused=True)
    return [t.detach() for t in (value, *first, *second) if t is not None]


@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_value_and_derivatives(name: str, dtype: torch.dtype) -> None:
    ours, theirs = (layer.to(dtype) for layer in layers(name, 33))
    inputs = inputs_of(name, 64, 5, 33, dtype=dtype)
    for a, b in zip(derivatives(ours, inputs), derivatives(theirs, inputs), strict=True):
        scale = 1e-3 + float(b.abs().max())
        assert float((a - b).abs().max()) <= TOLERANCES[dtype] * scale


@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (1000003,), (2, 300, 7)])
def test_any_shape(shape: tuple[int, ...]) -> None:
    ours, theirs = layers("snake", 1)
    (x,) = inputs_of("snake", *shape, dtype=torch.float32)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
def test_vectors_and_what_is_left_of_them(dtype: torch.dtype) -> None:
    """Tensors that begin where a vector may, and tensors that do not."""
    ours, theirs = (layer.to(dtype) for layer in layers("gelu_sine", 1))
    (x,) = inputs_of("gelu_sine", (1 << 22) + 5, dtype=dtype)
    for view in (x, x[1:], x[8:]):
        a, b = ours(view), theirs(view)
        assert float((a - b).abs().max()) <= TOLERANCES[dtype] * float(b.abs().max())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_every_half_value(dtype: torch.dtype) -> None:
    """All patterns, NaN and infinities among them, as vectors and one by one."""
    ours, theirs = (layer.to(dtype) for layer in layers("gelu_sine", 1))
    patterns = torch.arange(-(1 << 15), 1 << 15, device="cuda").to(torch.int16).view(dtype)
    few, many = ours(patterns), ours(patterns.repeat(64)).view(64, -1)[17]
    torch.testing.assert_close(few, many, rtol=0, atol=0, equal_nan=True)
    exact = theirs(patterns.float()).to(dtype)
    torch.testing.assert_close(few, exact, rtol=TOLERANCES[dtype], atol=1e-6, equal_nan=True)


def test_strided_tensors() -> None:
    ours, theirs = layers("snake_per_channel", 6)
    (x,) = inputs_of("snake_per_channel", 6, 40, dtype=torch.float32)
    torch.testing.assert_close(ours(x.T), theirs(x.T), rtol=1e-5, atol=1e-6)


def test_sums_are_the_same_in_every_run() -> None:
    ours, _ = layers("snake_per_channel", 33)
    (x,) = inputs_of("snake_per_channel", 4096, 33, dtype=torch.float32)
    runs = [torch.autograd.grad(ours(x).sum(), ours.a)[0] for _ in range(5)]
    assert all(torch.equal(runs[0], other) for other in runs)


def test_the_current_stream_is_used() -> None:
    ours, theirs = layers("gelu_sinc", 1)
    (x,) = inputs_of("gelu_sinc", 1 << 20, dtype=torch.float32)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        y = ours(x * 2)
    stream.synchronize()
    torch.testing.assert_close(y, theirs(x * 2), rtol=1e-5, atol=1e-6)


def test_a_cuda_graph_captures_training() -> None:
    ours, _ = layers("snake_per_channel", 33)
    (x,) = inputs_of("snake_per_channel", 256, 33, dtype=torch.float32)

    def step() -> torch.Tensor:
        return torch.autograd.grad(ours(x).square().mean(), [x, *ours.parameters()])[0]

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # compiles, which a capture may not; `warm_up` does so too
        step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = step()
    with torch.no_grad():
        x.mul_(0.5)
    graph.replay()
    torch.testing.assert_close(captured, step())


def test_compiled_without_breaks() -> None:
    ours, _ = layers("snake", 1)
    (x,) = inputs_of("snake", 64, 33, dtype=torch.float32)
    compiled = torch.compile(lambda t: ours(t) * 2, fullgraph=True)
    torch.testing.assert_close(compiled(x), ours(x) * 2)
