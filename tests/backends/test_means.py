"""Means taken apart: the same values, in fewer passes."""

from __future__ import annotations

import numpy as np
import pytest

import actdsl
from actdsl.backends.means import apart
from actdsl.backends.schedule import Schedule, levels
from actdsl.derive import cotangents
from actdsl.evaluate import evaluate
from actdsl.ir import Node, Param, input, param
from actdsl.lower import lower
from actdsl.ops.functions import amax, mean, shift

x, y = input("x"), input("y")
m = mean(x, attr="all")
each = param(Param("c", 1.0, per_channel=True))

BODIES = (
    "(x - mean(x)) / (std(x) + 0.1)",
    "(x - mean(x, feature)) / (std(x, feature) + 0.1)",
    "x * mean(abs(x - mean(x, batch)), feature)",
    "sin(x * var(x, batch)) + amax(x) * mean(x, feature)",
    "shift(x - mean(x), 1) * exp(-var(x))",
)


@pytest.mark.parametrize("body", BODIES)
def test_values_stay(body: str) -> None:
    root = lower(actdsl.parse(f"activation f(x): return {body}").body)
    (gradient,) = cotangents(root, input("grad"), [x])
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(5, 7)), "grad": rng.normal(size=(5, 7))}
    expected = evaluate(gradient, arrays, {})[gradient]
    found = evaluate(apart(gradient), arrays, {})[apart(gradient)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_scaled_term_does_not_wait() -> None:
    n = mean(y, attr="all")
    assert apart(mean(x * x + y * n, attr="all")) is mean(x * x, attr="all") + n * n
    assert apart(mean(x * n - y, attr="all")) is mean(-y, attr="all") + n * m


@pytest.mark.parametrize(
    "scaled", [x - m, m - x, m - x - (x - m), (x + y) - m - mean(y, attr="all")]
)
def test_a_deviation_is_nothing_on_average(scaled: Node) -> None:
    n = mean(y * y, attr="all")
    assert apart(mean(x * x + scaled * n, attr="all")) is mean(x * x, attr="all")


@pytest.mark.parametrize(
    "operand",
    [
        x - m,  # nothing scales it
        x * mean(y, attr="batch"),  # differs along what is averaged
        x * shift(y, attr=1),
        x * each,
        (x - m) * (x - m) + (x + x) * m,  # the rest waits for the same statistic
        x * amax(y * m, attr="feature"),
    ],
)
def test_others_stay_whole(operand: Node) -> None:
    whole = mean(operand, attr="feature" if operand.op == "add" else "all")
    assert apart(whole) is whole


def test_a_normalised_activation_needs_four_passes_backward() -> None:
    kernel = Schedule(actdsl.zoo["turbulent"]).backward
    assert [len(level) for level in levels(kernel.collectives)] == [1, 1, 2]
