from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss

from actdsl.evolve.lab import lab_kernel
from actdsl.evolve.lab.gain import LARGEST_GAIN
from actdsl.grammar import parse

POINTS, WEIGHTS = hermegauss(80)


def gain(text, width=32, dtype="float64"):
    return lab_kernel(parse(f"activation f(x): {text}").program, width, dtype).gain


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("return tanh(x)", np.tanh),
        ("return x", lambda z: z),
        ("return 0.3 * x**3 - sin(x)", lambda z: 0.3 * z**3 - np.sin(z)),
        ("param a = 2 return sin(a * x)", lambda z: np.sin(2 * z)),
        ("param a = 0.25 per channel return x + a", lambda z: z + 0.25),
    ],
)
def test_it_is_the_ratio_of_second_moments_under_a_normal_distribution(text, function):
    moment = (WEIGHTS * function(POINTS) ** 2).sum() / WEIGHTS.sum()
    assert gain(text) == pytest.approx(math.sqrt(0.5 / moment), rel=0.02)


def test_relus_is_one_and_so_is_that_of_a_function_of_its_size():
    assert gain("return relu(x)") == pytest.approx(1, rel=1e-12)
    assert gain("return x / sqrt(2)") == pytest.approx(1, rel=1e-3)


def test_statistics_are_those_of_a_whole_batch():
    # What is left has a standard deviation of one, whatever goes in.
    text = "return 5 + (7 * x - mean(7 * x)) / std(7 * x) - 5"
    assert gain(text) == pytest.approx(math.sqrt(0.5), rel=1e-3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return 1e30 * x", 1 / LARGEST_GAIN),
        ("return 1e-30 * x", LARGEST_GAIN),
        ("return 0 * x", LARGEST_GAIN),
        ("return sqrt(-1 - x * x)", 1),
        ("return exp(exp(exp(x * x)))", 1),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_finite_and_bounded(text, expected, dtype):
    assert gain(text, dtype=dtype) == expected
