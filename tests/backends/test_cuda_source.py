"""The cuda target's text: golden files, and what it says to those who lack a GPU or a package."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

import actdsl
from actdsl.backends.cuda.plan import launches
from actdsl.backends.cuda.vectors import vectorisable
from actdsl.backends.load import load
from actdsl.backends.schedule import Schedule
from actdsl.backends.targets.cuda import factory, kernel_source

GOLDEN = Path(__file__).parent / "golden"
numba_cuda = pytest.mark.skipif(find_spec("numba_cuda") is None, reason="needs numba-cuda")


@pytest.mark.parametrize("name", ["relu", "gelu_sine", "snake_per_channel", "turbulent"])
def test_source_is_golden(name: str) -> None:
    """Reviewers read these files; set ACTDSL_UPDATE_GOLDEN=1 to write them anew."""
    path, text = GOLDEN / f"{name}_cuda.py", actdsl.zoo[name].source("cuda")
    if os.environ.get("ACTDSL_UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


def test_names_of_inputs_and_parameters_stay_apart_from_the_kernel_s_own() -> None:
    text = "activation f(t0, read): param i = 1 param lanes = 2 per channel return t0 * read * i * lanes"
    kernels = factory(Schedule(actdsl.parse(text)))
    assert (
        "def forward(t0_in, read__in, i__param, lanes__param, out0, batch, middle, features):"
        in kernels
    )
    assert "t0 = read(t0_in, i)" in kernels
    compile(kernels, "kernels", "exec")


def test_the_operand_of_an_extreme_is_stored_for_the_comparison() -> None:
    """Computed twice it could be rounded in two ways, and then nothing attains the extreme."""
    plan = Schedule(actdsl.parse("activation f(x): return x * amax(3 * x + 1, batch)"))
    first, *_, last = launches(plan.backward)
    (array,) = first.written
    assert "== amax0[column]" in factory(plan)
    assert f"{array}[i] == " in factory(plan)
    assert last.known[first.written[array]] == array


def test_a_mean_folds_whole_values() -> None:
    """(total + a) - b would round otherwise than total + (a - b)."""
    kernels = factory(Schedule(actdsl.parse("activation f(x): return mean(x - x**3) * x")))
    assert "return x - x * (x * x)" in kernels
    assert "mean0_total = add(mean0_total, mean0_value)" in kernels
    assert "mean0_total = add(mean0_total, folded(add, mean0_lanes))" in kernels
    rows = "activation f(x): return mean(x - x**3, batch) * x"
    assert "mean0_total = mean0_total + (x - " in factory(Schedule(actdsl.parse(rows)))


def test_names_of_vectors_are_apart_too() -> None:
    text = "activation forward_at(load, v): param each = 1 return load * v * each * sin(load)"
    kernels = factory(Schedule(actdsl.parse(text)))
    assert "each(forward_at, (load(load__in, v), load(v__in, v)), (each_,))" in kernels
    compile(kernels, "kernels", "exec")


def test_places_and_stored_values_keep_to_single_elements() -> None:
    """A shift needs places; what one launch leaves for the next is in the working type."""
    shifted = factory(Schedule(actdsl.parse("activation f(x): return x * shift(x, 1)")))
    assert "vectors" not in shifted.partition("def forward")[2]
    plan = Schedule(actdsl.parse("activation f(x): return x * amax(3 * x + 1)"))
    assert [vectorisable(step) for step in launches(plan.forward)] == [True, True]
    assert [vectorisable(step) for step in launches(plan.backward)] == [False] * 3


def test_fast_is_said_in_the_file() -> None:
    from actdsl.backends.targets.cuda import source

    exact, fast = (source(actdsl.zoo["silu"], fast=fast) for fast in (False, True))
    assert 'cuda_step(_kernels, "forward", 1, 1, 0, fast=True)' in fast
    assert fast.replace(", fast=True", "").replace("_cuda_fast", "_cuda") == exact


@numba_cuda
def test_the_tensor_type_chooses_approximations() -> None:
    module = load(actdsl.zoo["silu"].source("cuda"))
    quick = {d: module.elements(d).quick for d in module.WIDTHS}
    assert quick == {"float16": True, "bfloat16": True, "float32": False, "float64": False}
    assert module.elements("float32", fast=True).quick
    assert not module.elements("float64", fast=True).quick


@numba_cuda
def test_a_warm_up_runs_value_and_gradient() -> None:
    """Where there is no device, on tensors without memory."""
    module = load(actdsl.zoo["swiglu"].source("cuda"))
    gradients: list[torch.Tensor] = []

    def function(*tensors: torch.Tensor) -> torch.Tensor:
        for tensor in tensors:
            tensor.register_hook(gradients.append)
        return module.swiglu(*tensors)

    module.warm_up(function, inputs=2, dtype=torch.bfloat16, device="meta")
    assert [gradient.dtype for gradient in gradients] == [torch.bfloat16] * 2


@numba_cuda
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_device_one_line_says_so() -> None:
    module = load(actdsl.zoo["relu"].source("cuda"))
    with pytest.raises(RuntimeError, match=r"needs a CUDA device .*--backend numba or torch"):
        module.relu(torch.ones(3))


@numba_cuda
def test_unlike_tensors_are_refused() -> None:
    module = load(actdsl.zoo["swiglu"].source("cuda"))
    x = torch.ones(2, 3)
    with pytest.raises(TypeError, match=r"torch.int64 is not supported: use float16, bfloat16"):
        module.check_alike([x.long(), x.long()])
    with pytest.raises(ValueError, match=r"shapes differ: \(2, 3\) and \(3, 2\)"):
        module.check_alike([x, x.T])
    with pytest.raises(TypeError, match=r"types differ: torch.float32 and torch.float64"):
        module.check_alike([x, x.double()])
    with pytest.raises(ValueError, match="devices differ: cpu and meta"):
        module.check_alike([x, x.to("meta")])


@numba_cuda
def test_shapes_are_known_before_anything_runs() -> None:
    """Tensors without memory: what torch.compile is told of a kernel, in both orders."""
    module = load(actdsl.zoo["snake_per_channel"].source("cuda"))
    layer = module.SnakePerChannel(channels=3, device="meta", dtype=torch.bfloat16)
    x = torch.empty(2, 5, 3, device="meta", dtype=torch.bfloat16, requires_grad=True)
    leaves = [x, layer.a]
    value = layer(x)
    first = torch.autograd.grad(value.sum(), leaves, create_graph=True)
    second = torch.autograd.grad(first[0].sum() + first[1].sum(), leaves)
    for tensor, like in zip([value, *first, *second], [x, *leaves, *leaves], strict=True):
        assert (tensor.shape, tensor.dtype) == (like.shape, torch.bfloat16)


def test_without_numba_cuda_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba_cuda", None)
    text = kernel_source(Schedule(actdsl.parse("activation missing_extra(x): return x / 7")))
    with pytest.raises(
        ImportError, match=r"^CUDA kernels need numba-cuda: pip install 'actdsl\[cuda\]'$"
    ):
        load(text)
