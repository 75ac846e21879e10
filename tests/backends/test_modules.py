"""Torch modules: everything a drop-in must survive."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

import actdsl
from actdsl.errors import ActdslError

BACKENDS = ("native", "torch", "numba")
# One of each kind: kinks, series and choices, a parameter, one per channel, statistics, two inputs.
VARIED = ("relu", "gelu_sinc", "tanhshrink", "snake", "snake_per_channel", "turbulent", "swiglu")
CONTEXTUAL = """
activation mixed(x):
    param w = 0.3 in [-1, 1]
    let z = (x - mean(x, feature)) / (std(x, batch) + 0.1)
    return w * z * amax(x) + shift(x * x, 1) * amin(x, feature) + shift(z, -2)
"""


def inputs_of(act: actdsl.Activation, *shape: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(*shape, dtype=torch.float64, generator=generator, requires_grad=True)
        for _ in act.inputs
    ]


def module_of(name: str, backend: str | None, channels: int = 3) -> nn.Module:
    act = actdsl.parse(CONTEXTUAL) if name == "mixed" else actdsl.zoo[name]
    return act.module(backend, channels=channels, dtype=torch.float64)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [*VARIED, "mixed"])
def test_gradients_of_both_orders(name: str, backend: str) -> None:
    module = module_of(name, backend)
    inputs = inputs_of(module.program, 2, 2, 3)
    params = list(module.parameters())

    def apply(*tensors: torch.Tensor) -> torch.Tensor:
        named = dict(zip(dict(module.named_parameters()), tensors[len(inputs) :], strict=True))
        return torch.func.functional_call(module, named, tensors[: len(inputs)])

    assert torch.autograd.gradcheck(apply, (*inputs, *params))
    assert torch.autograd.gradgradcheck(apply, (*inputs, *params))


@pytest.mark.parametrize("name", [*VARIED, "mixed"])
def test_backends_agree(name: str) -> None:
    results = []
    for backend in BACKENDS:
        module = module_of(name, backend)
        inputs = inputs_of(module.program, 4, 5, 3)
        y = module(*inputs)
        results.append([y, *torch.autograd.grad((y * y).sum(), [*inputs, *module.parameters()])])
    for first, *others in zip(*results, strict=True):
        for other in others:
            torch.testing.assert_close(first, other, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch.compile's own deprecations
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", VARIED)
def test_compiles_without_graph_breaks(name: str, backend: str) -> None:
    module = module_of(name, backend)
    inputs = inputs_of(module.program, 4, 3)
    torch.compiler.reset()
    compiled = torch.compile(lambda *tensors: 2 * module(*tensors), fullgraph=True)
    y, expected = compiled(*inputs), 2 * module(*inputs)
    torch.testing.assert_close(y, expected)
    found = torch.autograd.grad(y.sum(), inputs)
    torch.testing.assert_close(found, torch.autograd.grad(expected.sum(), inputs))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["gelu_sinc", "snake", "turbulent"])
def test_vmap_and_grad(name: str, backend: str) -> None:
    module = module_of(name, backend)
    (x,) = (tensor.detach() for tensor in inputs_of(module.program, 5, 2, 3))
    per_sample = torch.func.vmap(torch.func.grad(lambda row: module(row).sum()))(x)
    one_by_one = [torch.func.grad(lambda row: module(row).sum())(row) for row in x]
    torch.testing.assert_close(per_sample, torch.stack(one_by_one))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float16, 1e-3), (torch.bfloat16, 8e-3), (torch.float32, 1e-6), (torch.float64, 1e-14)],
)
def test_types(backend: str, dtype: torch.dtype, tolerance: float) -> None:
    x = torch.linspace(-3, 3, 50, dtype=torch.float64)
    module = actdsl.zoo["gelu"].module(backend)
    narrow = x.to(dtype).requires_grad_()
    y = module(narrow)
    assert y.dtype == dtype
    y.sum().backward()
    assert narrow.grad is not None
    assert narrow.grad.dtype == dtype
    exact = torch.nn.functional.gelu(narrow.double())
    torch.testing.assert_close(y.double(), exact, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
def test_unsupported_types_are_one_clear_line(backend: str) -> None:
    with pytest.raises(TypeError, match=r"torch.int64 is not supported: use float16, bfloat16"):
        actdsl.zoo["gelu"].module(backend)(torch.arange(3))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "x",
    [
        torch.randn(()),
        torch.randn(0),
        torch.randn(3, 0, 2),
        torch.randn(7),
        torch.randn(4, 6).T,
        torch.randn(8, 8)[::2, ::3],
        torch.randn(3).expand(5, 3),
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    ],
    ids=["scalar", "empty", "empty-3d", "vector", "transposed", "strided", "expanded", "nhwc"],
)
def test_shapes_and_strides(backend: str, x: torch.Tensor) -> None:
    y = actdsl.zoo["silu"].module(backend)(x)
    assert y.shape == x.shape
    torch.testing.assert_close(y, torch.nn.functional.silu(x))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["turbulent", "mixed"])
def test_statistics_of_empty_tensors_are_empty(name: str, backend: str) -> None:
    assert module_of(name, backend)(torch.empty(0, 3, dtype=torch.float64)).shape == (0, 3)


@pytest.mark.parametrize("backend", [None, *BACKENDS])
def test_copies_and_pickles(backend: str | None) -> None:
    module = actdsl.zoo["snake"].module(backend, dtype=torch.float64)
    with torch.no_grad():
        module.a.fill_(2.5)
    x = torch.randn(4, dtype=torch.float64)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        torch.testing.assert_close(twin(x), module(x))
        assert twin.a is not module.a
    fresh = actdsl.zoo["snake"].module(backend, dtype=torch.float64)
    fresh.load_state_dict(module.state_dict())
    assert list(module.state_dict()) == ["a"]
    torch.testing.assert_close(fresh(x), module(x))


@pytest.mark.parametrize("backend", BACKENDS)
def test_bounds_hold_during_training(backend: str) -> None:
    """An optimiser that pushes a parameter out cannot be seen in the function, nor traps it there."""
    act = actdsl.parse("activation f(x):\n param a = 0.5 in [0, 1]\n return a * x")
    module = act.module(backend, dtype=torch.float64)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.4)
    x = torch.ones(3, dtype=torch.float64)
    for direction, bound in ((-1.0, 1.0), (1.0, 0.0)):
        for _ in range(10):
            optimiser.zero_grad()
            (direction * module(x)).sum().backward()
            optimiser.step()
        torch.testing.assert_close(module(x), bound * x)


def test_per_channel_parameters_on_any_axis() -> None:
    act = actdsl.zoo["snake_per_channel"]
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    first = act.module(channels=3, axis=1, dtype=torch.float64)
    last = act.module(channels=3, dtype=torch.float64)
    with torch.no_grad():
        for module in (first, last):
            module.a.copy_(torch.tensor([0.5, 1.0, 2.0]))
    torch.testing.assert_close(first(x), last(x.movedim(1, -1)).movedim(-1, 1))


def test_channels_are_asked_for() -> None:
    with pytest.raises(ValueError, match="parameter 'a' is per channel: pass channels="):
        actdsl.zoo["snake_per_channel"].module()


def test_unknown_backends_are_named() -> None:
    with pytest.raises(
        ActdslError, match="no backend 'tpu': use one of native, torch, numba, cuda"
    ):
        actdsl.zoo["gelu"].module("tpu")


def test_default_backend_on_a_cpu_is_native() -> None:
    module = actdsl.zoo["gelu"].module()
    x = torch.randn(10)
    torch.testing.assert_close(module(x), actdsl.zoo["gelu"].module("native")(x), rtol=0, atol=0)
    assert repr(module) == "ActivationModule(gelu)"


def test_calling_an_activation_keeps_the_kind_of_array() -> None:
    jax = pytest.importorskip("jax")
    act = actdsl.zoo["gelu"]
    x = np.linspace(-2, 2, 5, dtype=np.float32)
    for array in (x, torch.from_numpy(x), jax.numpy.asarray(x)):
        y = act(array)
        assert type(y) is type(array)
        np.testing.assert_allclose(np.asarray(y), act(x.astype(np.float64)), rtol=1e-6)


def test_calling_with_parameters_and_mistakes() -> None:
    act = actdsl.zoo["snake"]
    x = np.array([0.5, 1.5])
    np.testing.assert_allclose(act(x, a=2.0), x + np.sin(2 * x) ** 2 / 2)
    with pytest.raises(ActdslError, match="snake has no parameter 'b'"):
        act(x, b=1.0)
    with pytest.raises(ActdslError, match=r"snake takes 1 inputs \(x\), not 2"):
        act(x, x)
    with pytest.raises(ActdslError, match="not list"):
        act([1.0])
    with pytest.raises(TypeError, match="int64 is not supported: use float32 or float64"):
        act(np.arange(3))


def test_gated_units_refuse_inputs_of_two_shapes() -> None:
    act = actdsl.zoo["swiglu"]
    with pytest.raises(ValueError, match="shapes differ"):
        act(np.zeros(3), np.zeros(4))


def test_a_module_trains_in_a_network() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(2, 16), actdsl.zoo["snake_per_channel"].module(channels=16), nn.Linear(16, 1)
    )
    x = torch.rand(64, 2)
    target = torch.sin(3 * x).sum(1, keepdim=True)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), target)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
