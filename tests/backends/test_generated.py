"""What ``actdsl compile`` writes: golden files, and files that run without actdsl."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import actdsl

GOLDEN = Path(__file__).parent / "golden"
TARGETS = ("torch", "numba", "jax")
NAMES = ("gelu_sinc", "snake", "turbulent", "swiglu")
WITHOUT_ACTDSL = """
import sys
sys.modules["actdsl"] = None
import importlib.util
spec = importlib.util.spec_from_file_location("written", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["written"] = module
spec.loader.exec_module(module)
"""
TORCH_USE = """
import torch
layer = [v for v in vars(module).values() if isinstance(v, type) and v.__mro__[1] is module.Layer][0]()
x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
inputs = [x] * int(sys.argv[2])
y = layer(*inputs)
y.sum().backward()
print(tuple(y.shape), bool(torch.isfinite(x.grad).all()))
"""
JAX_USE = """
import jax
import jax.numpy as jnp
x = jnp.ones((4, 3))
inputs = [x] * int(sys.argv[2])
f = getattr(module, sys.argv[3])
y, g = f(*inputs), jax.grad(lambda *a: f(*a).sum())(*inputs)
print(y.shape, bool(jnp.isfinite(g).all()))
"""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_source_is_golden(name: str, target: str) -> None:
    """Reviewers read these files; set ACTDSL_UPDATE_GOLDEN=1 to write them anew."""
    path, text = GOLDEN / f"{name}_{target}.py", actdsl.zoo[name].source(target)
    if os.environ.get("ACTDSL_UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_written_files_run_without_actdsl(name: str, target: str) -> None:
    if target == "jax":
        pytest.importorskip("jax")
    act = actdsl.zoo[name]
    code = WITHOUT_ACTDSL + (JAX_USE if target == "jax" else TORCH_USE)
    arguments = [str(GOLDEN / f"{name}_{target}.py"), str(len(act.inputs)), name]
    shown = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert shown.stdout == "(4, 3) True\n", shown.stderr


@pytest.mark.parametrize("target", [*TARGETS, "cuda"])
def test_docstring_tells_what_the_file_is(target: str) -> None:
    act = actdsl.zoo["gelu_sinc"]
    doc = ast.get_docstring(ast.parse(act.source(target)))
    assert doc is not None
    for part in (
        act.rationale,
        "return gelu(x) * (1 + 0.5 * sinc(x))",
        act.hash,
        "44 FLOPs",
        target,
    ):
        assert part in doc


@pytest.mark.parametrize("target", [*TARGETS, "cuda"])
def test_a_rationale_cannot_become_code(target: str) -> None:
    text = "activation f(x):\n    return x * sigmoid(x)\n"
    hostile = '"""\nimport os; os.abort()\n\\"""\\\n"""'
    comment = "".join(f"# {line}\n" for line in hostile.splitlines())
    tree = ast.parse(actdsl.parse(comment + text).source(target))
    calls = {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert "os.abort" not in calls
    assert "os.abort()" in (ast.get_docstring(tree) or "")


@pytest.mark.parametrize("target", [*TARGETS, "cuda"])
@pytest.mark.parametrize("name", ["lambda", "exp", "torch", "step", "two_to", "run", "T", "_"])
def test_names_of_the_users_never_collide(name: str, target: str) -> None:
    """Names that mean something to Python or to the file are written with an underscore behind."""
    source = f"activation {name}z(print):\n    param size = 2\n    return print * size\n"
    plain = actdsl.parse(source.replace(f"{name}z", name) if name not in ("exp",) else source)
    compile(plain.source(target), "written", "exec")


def test_numba_file_offers_arrays_and_gradients() -> None:
    import numpy as np

    from actdsl.backends.load import load

    module = load(actdsl.zoo["snake"].source("numba"))
    x = np.linspace(-1, 1, 6).reshape(2, 3)
    dx, da = module.snake_gradient(np.ones_like(x), x, a=1.5)
    np.testing.assert_allclose(dx, 1 + np.sin(3 * x))
    np.testing.assert_allclose(da, np.sum(x * np.sin(3 * x) / 1.5 - np.sin(1.5 * x) ** 2 / 2.25))
