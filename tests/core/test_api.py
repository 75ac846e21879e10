"""Activations as people use them."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import actdsl
from actdsl.examples import __file__ as examples
from actdsl.plot import plot
from actdsl.program import Kind

EXAMPLES = sorted(Path(examples).parent.glob("*.act"))
PNG = b"\x89PNG\r\n\x1a\n"

# Every module of torch.nn that acts element by element, and what it is called here.
TORCH_NN: dict[str, torch.nn.Module] = {
    "celu": torch.nn.CELU(),
    "elu": torch.nn.ELU(),
    "gelu": torch.nn.GELU(),
    "gelu_tanh": torch.nn.GELU(approximate="tanh"),
    "hardshrink": torch.nn.Hardshrink(),
    "hardsigmoid": torch.nn.Hardsigmoid(),
    "hardswish": torch.nn.Hardswish(),
    "hardtanh": torch.nn.Hardtanh(),
    "leaky_relu": torch.nn.LeakyReLU(),
    "logsigmoid": torch.nn.LogSigmoid(),
    "mish": torch.nn.Mish(),
    "prelu": torch.nn.PReLU(),
    "relu": torch.nn.ReLU(),
    "relu6": torch.nn.ReLU6(),
    "rrelu": torch.nn.RReLU().eval(),
    "selu": torch.nn.SELU(),
    "sigmoid": torch.nn.Sigmoid(),
    "silu": torch.nn.SiLU(),
    "softplus": torch.nn.Softplus(threshold=40),  # torch drops exp(-x) above its default of 20
    "softshrink": torch.nn.Softshrink(),
    "softsign": torch.nn.Softsign(),
    "tanh": torch.nn.Tanh(),
    "tanhshrink": torch.nn.Tanhshrink(),
    "threshold": torch.nn.Threshold(0.1, 20),
}
NOT_POINTWISE = {"GLU", "MultiheadAttention", "Softmax", "Softmax2d", "Softmin", "LogSoftmax"}


# The zoo.


@pytest.mark.parametrize("name", TORCH_NN)
def test_the_zoo_has_torch_s(name: str) -> None:
    from actdsl.evaluate import evaluate_program

    x = np.concatenate([np.linspace(-30, 30, 121), [-1.0, 0.1, 3.0, 6.0, -0.5, 0.5, 1e-3]])
    module = TORCH_NN[name].double()
    truth = module(torch.from_numpy(x)).detach().numpy()
    activation = actdsl.zoo[name]
    assert activation.kind is Kind.POINTWISE
    assert evaluate_program(activation, x) == pytest.approx(truth, rel=1e-12, abs=1e-15)


def test_no_activation_of_torch_is_forgotten() -> None:
    from torch.nn.modules import activation

    here = {type(module).__name__ for module in TORCH_NN.values()}
    assert here == set(activation.__all__) - NOT_POINTWISE


def test_the_zoo_has_the_mined_functions_and_every_example() -> None:
    assert {path.stem for path in EXAMPLES} <= set(actdsl.zoo)
    wanted = "relu gelu swish gelu_sine gelu_sinc gmtu turbulent snake swiglu snake_per_channel glu"
    assert set(wanted.split()) <= set(actdsl.zoo)
    assert list(actdsl.zoo) == sorted(actdsl.zoo)
    assert "square" not in actdsl.zoo


GOLDEN = {
    "gelu_sine": lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2)) + 0.1 * math.sin(x),
    "gelu_sinc": lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2))
    * (1 + 0.5 * (math.sin(math.pi * x) / (math.pi * x) if x else 1.0)),
    "gmtu": lambda x: math.tanh(1.5 * x) * math.exp(-0.2 * x * x) + 0.1 * x,
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_mined_functions_to_twelve_digits(name: str) -> None:
    from actdsl.evaluate import evaluate_program

    points = [-7.3, -2.0, -0.75, -1e-3, 0.0, 0.4, 1.0, 2.6, 9.1]
    truth = [GOLDEN[name](x) for x in points]
    assert evaluate_program(actdsl.zoo[name], np.array(points)) == pytest.approx(
        truth, rel=1e-12, abs=1e-16
    )


def test_turbulent_to_twelve_digits() -> None:
    from actdsl.evaluate import evaluate_program

    x = np.array([[0.5, -1.25, 3.0], [0.0, -2.0, 1.5]])
    z = (x - x.mean()) / (x.std() + 1e-6)
    truth = np.sign(x) * np.log1p(0.5 * np.abs(x)) + 0.2 * np.exp(-(z**2) / 2) * np.sin(2 * x)
    assert evaluate_program(actdsl.zoo["turbulent"], x) == pytest.approx(truth, rel=1e-12)
    assert actdsl.zoo["turbulent"].kind is Kind.CONTEXTUAL
    assert "not public" in actdsl.zoo["turbulent"].rationale


@pytest.mark.parametrize("name", actdsl.zoo)
def test_everything_in_the_zoo_says_what_it_is(name: str) -> None:
    activation = actdsl.zoo[name]
    assert activation.name == name
    assert len(activation.rationale) > 10
    assert actdsl.parse(activation.text).expanded is activation.expanded


def test_the_zoo_is_a_mapping() -> None:
    assert actdsl.zoo["gelu"] is actdsl.zoo["gelu"]
    assert len(actdsl.zoo) == len(list(actdsl.zoo))
    assert repr(actdsl.zoo).startswith(f"<zoo of {len(actdsl.zoo)} activations: celu, elu")
    with pytest.raises(KeyError):
        actdsl.zoo["geru"]


# What an activation tells.


def test_facts_of_a_loaded_file() -> None:
    path = next(p for p in EXAMPLES if p.stem == "snake")
    snake = actdsl.load(path)
    assert (snake.name, snake.kind, snake.inputs) == ("snake", Kind.POINTWISE, ("x",))
    assert [(p.name, p.initial, p.lower, p.upper) for p in snake.params] == [("a", 1.0, 0.1, 10.0)]
    assert snake.text == path.read_text()
    assert snake.rationale.startswith("x with a ripple")
    assert snake.flops == snake.cost.flops == 1 + 12 + 1 + 4 + 1
    assert snake.hash == actdsl.load(str(path)).hash
    assert snake.latex().startswith(r"\operatorname{snake}\left(x\right) = ")


def test_an_activation_shows_itself() -> None:
    gelu = actdsl.zoo["gelu"]
    assert repr(gelu) == f"<activation gelu(x): pointwise, 23 FLOPs, {gelu.hash}>"
    assert repr(actdsl.zoo["swiglu"]).startswith("<activation swiglu(x, gate): pointwise, ")
    assert gelu._repr_latex_() == f"$\\displaystyle {gelu.latex()}$"
    assert gelu._repr_png_().startswith(PNG)


@pytest.mark.parametrize("name", ["relu", "snake", "swiglu", "turbulent", "snake_per_channel"])
def test_a_plot_is_a_picture(name: str, tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    picture = actdsl.zoo[name].plot(target)
    assert picture.startswith(PNG)
    assert target.read_bytes() == picture


def test_a_plot_shows_the_function_and_its_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.axes import Axes

    lines: list[tuple[Any, Any]] = []
    draw = Axes.plot
    monkeypatch.setattr(
        Axes, "plot", lambda self, x, y, **k: lines.append((x, y)) or draw(self, x, y, **k)
    )
    plot(actdsl.parse("activation f(x): return x**3"), -1.0, 2.0)
    (x, value), (_, slope) = lines
    assert (x[0], x[-1]) == (-1.0, 2.0)
    assert value == pytest.approx(x**3, abs=1e-15)
    assert slope == pytest.approx(3 * x**2, abs=1e-14)


def test_an_activation_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(actdsl.zoo["gelu_sinc"]))
    assert again == actdsl.zoo["gelu_sinc"]
    assert again.body is actdsl.zoo["gelu_sinc"].body


# Running.


def test_arrays_in_arrays_out_tensors_in_tensors_out() -> None:
    gelu = actdsl.zoo["gelu"]
    array = np.array([[-1.0, 0.0, 1.0]])
    shown = gelu(array)
    assert isinstance(shown, np.ndarray)
    assert shown == pytest.approx(
        0.5 * array * np.vectorize(math.erfc)(-array / math.sqrt(2)), rel=1e-14
    )
    tensor = torch.tensor(array, requires_grad=True)
    result = gelu(tensor)
    assert torch.is_tensor(result)
    assert torch.autograd.gradcheck(gelu, tensor)
    module = gelu.module()
    assert isinstance(module, torch.nn.Module)
    assert torch.equal(module(tensor), result)


def test_parameters_by_name() -> None:
    snake = actdsl.zoo["snake"]
    x = np.array([0.5, 2.0])
    assert snake(x, a=3.0) == pytest.approx(x + np.sin(3 * x) ** 2 / 3, rel=1e-13)
    with pytest.raises(actdsl.ActdslError, match="snake has no parameter 'b'"):
        snake(x, b=1.0)
    with pytest.raises(actdsl.ActdslError, match=r"swiglu takes 2 inputs \(x, gate\), not 1"):
        actdsl.zoo["swiglu"](x)


def test_two_activations_of_one_name_and_hash_keep_their_own_gradients() -> None:
    whole = actdsl.parse("activation f(x): return x * x")
    halted = actdsl.parse("activation f(x): return x * stopgrad(x)")
    for activation, slope in [(whole, 6.0), (halted, 3.0), (whole, 6.0), (halted, 3.0)]:
        x = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.grad(activation(x).sum(), x)[0].item() == slope


def test_simplify_keeps_what_it_says_and_is_cheaper() -> None:
    written = actdsl.parse(
        "# Why not.\nactivation f(x):\n param a = 0.5\n return a * x * sin(x) + a * x * cos(x)\n"
    )
    better = actdsl.simplify(written)
    assert isinstance(better, actdsl.Activation)
    assert better.flops < written.flops
    assert (better.name, better.rationale, better.params) == ("f", "Why not.", written.params)
    assert actdsl.parse(better.text).body is better.body
    x = np.linspace(-3, 3, 7)
    assert better(x) == pytest.approx(0.5 * x * (np.sin(x) + np.cos(x)), rel=1e-12)


# Errors.


def test_errors_of_a_text_come_all_at_once() -> None:
    with pytest.raises(actdsl.SourceError) as raised:
        actdsl.parse("activation f(x):\n    return geru(x) + y\n", "mine.act")
    assert len(raised.value.diagnostics) == 2
    assert "mine.act:2:12" in str(raised.value)
    assert "`gelu`" in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"a\0b", b"", b"x" * 70_000],
    ids=["not UTF-8", "NUL", "empty", "large"],
)
def test_bad_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.act"
    path.write_bytes(content)
    with pytest.raises(actdsl.SourceError) as raised:
        actdsl.load(path)
    assert raised.value.diagnostics
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(actdsl.SourceError, match="cannot read the file: No such file or directory"):
        actdsl.load(tmp_path / "none.act")
    with pytest.raises(actdsl.SourceError, match="cannot read the file: Is a directory"):
        actdsl.load(tmp_path)


def test_source_errors_are_errors_of_the_package() -> None:
    assert issubclass(actdsl.SourceError, actdsl.ActdslError)


def test_a_missing_extra_says_what_to_install() -> None:
    from actdsl.errors import MissingExtraError

    assert str(MissingExtraError("jax", "jax", "the jax backend")) == (
        "the jax backend needs jax: pip install 'actdsl[jax]'"
    )
    with pytest.raises(
        actdsl.ActdslError, match="there is no backend 'tpu': use one of torch, numba, cuda, jax"
    ):
        actdsl.zoo["gelu"].source("tpu")
