"""Schedules and loops: kernels against the interpreter, whatever the shape and the statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import actdsl
from actdsl.backends.load import load
from actdsl.backends.loops import LANES, Loops
from actdsl.backends.schedule import Schedule, collectives, saving, slopes
from actdsl.backends.targets.numba import dialect, source
from actdsl.evaluate import evaluate

TEXTS = {
    "plain": "activation f(x):\n return x * sin(x)",
    "gated": "activation f(x, gate):\n return x * sigmoid(gate) + gate",
    "params": "activation f(x):\n param a = 0.5\n param b = 2 per channel\n return a * x + sin(b * x)",
    "all": "activation f(x):\n return (x - mean(x)) * amax(x) - amin(x * x)",
    "batch": "activation f(x):\n return x / (1 + std(x, batch)) + amax(x, batch)",
    "feature": "activation f(x):\n return x - mean(x, feature) + var(x, feature)",
    "nested": "activation f(x):\n return x * mean(abs(x - mean(x, batch)), feature)",
    "shifted": "activation f(x):\n return x * shift(x, 2) - shift(mean(x, feature) * x, -1)",
}


def arrays_for(program: actdsl.Activation, shape: tuple[int, ...]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape) for name in ("grad", *program.inputs)}


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 3, 4), (7,)], ids=str)
@pytest.mark.parametrize("name", TEXTS)
def test_numba_kernels_agree_with_the_interpreter(name: str, shape: tuple[int, ...]) -> None:
    program = actdsl.parse(TEXTS[name])
    plan, module = Schedule(program), load(source(program))
    arrays = arrays_for(program, shape)
    params = {
        p.name: np.linspace(0.5, 1.5, shape[-1]) if p.per_channel else p.initial
        for p in program.params
    }
    inputs = [arrays[n] for n in program.inputs]
    forward = evaluate(program.body, {n: arrays[n] for n in program.inputs}, params)
    np.testing.assert_allclose(
        module.f(*inputs, **params), forward[program.expanded], rtol=1e-12, atol=1e-13
    )
    gradients = module.f_gradient(arrays["grad"], *inputs, **params)
    values = [evaluate(root, arrays, params)[root] for root in plan.backward.roots]
    for k, (found, expected) in enumerate(zip(gradients, values, strict=True)):
        if k >= len(program.inputs):
            per_channel = program.params[k - len(program.inputs)].per_channel
            expected = expected.reshape(-1, shape[-1]).sum(0) if per_channel else expected.sum()
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


def test_lanes_cover_blocks_that_are_not_full() -> None:
    program = actdsl.parse(TEXTS["all"])
    for size in (LANES - 1, LANES, LANES + 1, 3 * LANES + 7):
        x = np.random.default_rng(size).normal(size=(1, size))
        expected = (x - x.mean()) * x.max() - (x * x).min()
        np.testing.assert_allclose(program(x), expected, rtol=1e-12)


def test_statistics_of_nan_are_nan() -> None:
    x = np.array([[1.0, np.nan, 2.0]])
    for name in ("mean", "std", "var", "amin", "amax"):
        act = actdsl.parse(f"activation f(x):\n return x + {name}(x)")
        assert np.isnan(act(x)).all(), name


def test_kernels_of_pointwise_programs_are_flat() -> None:
    for name, shaped in (("plain", False), ("params", True), ("all", False), ("batch", True)):
        kernel = Schedule(actdsl.parse(TEXTS[name])).forward
        assert Loops(kernel, dialect("float64")).shaped is shaped, name


def test_levels_follow_the_nesting_of_statistics() -> None:
    kernel = Schedule(actdsl.parse(TEXTS["nested"])).forward
    assert [n.attr for n in collectives(kernel.roots)] == ["batch", "feature"]
    assert (
        sum(line == "for b in range(batch):" for line in Loops(kernel, dialect("float64")).lines())
        == 3
    )


def test_names_of_cotangents_avoid_the_users() -> None:
    program = actdsl.parse(
        "activation f(grad):\n param grad_grad_grad = 1\n return grad * grad_grad_grad"
    )
    plan = Schedule(program)
    names = [*plan.second.inputs, *(p.name for p in plan.second.params)]
    assert len(set(names)) == len(names)
    x = np.array([2.0])
    np.testing.assert_allclose(program(x), x)


def test_joint_shares_the_work_of_value_and_slope() -> None:
    joint, _ = saving(actdsl.zoo["gelu"], price=0)
    text = "\n".join(Loops(joint, dialect("float64")).lines())
    assert len(joint.outputs) == 2
    assert text.count("erfc(") == 1


def test_slopes_and_curvatures_are_one_per_leaf_and_pair() -> None:
    _, first, second = slopes(actdsl.zoo["snake"])
    assert (len(first.outputs), len(second.outputs)) == (2, 4)
