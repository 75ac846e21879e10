from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.behaviour import shape
from actdsl.evolve.evaluation.tuning import _loss, tune
from actdsl.evolve.lab import SUITES, lab_kernel
from actdsl.grammar import parse

SUITE = replace(SUITES["smoke"], recipe=replace(SUITES["smoke"].recipe, steps=200))


def activation(body: str, *before: str) -> str:
    lines = "\n".join(f"    {line}" for line in (*before, f"return {body}"))
    return f"# Kept.\nactivation f(x):\n{lines}\n"


def test_a_constant_that_is_far_off_is_moved_and_the_networks_learn_better():
    text = activation("tanh(0.02 * x) + 0.001 * x")
    tuned = tune(text, SUITE)
    assert tuned != text
    assert _loss(tuned, SUITE) < _loss(text, SUITE)
    assert tuned.startswith("# Kept.\n")
    assert parse(tuned).program.text == tuned
    assert not parse(tuned).program.params


@pytest.mark.parametrize(
    "text",
    [activation("tanh(x)"), activation("x**3"), activation("tanh(a * x)", "param a = 0.02")],
)
def test_without_free_constants_the_text_stays(text):
    assert tune(text, SUITE) == text


def test_parameters_stay_parameters():
    text = activation("tanh(0.02 * x) + a * sin(x)", "param a = 0.1 in [0, 1]")
    program = parse(tune(text, SUITE)).program
    assert [(p.name, p.lower, p.upper, p.initial) for p in program.params] == [("a", 0.0, 1.0, 0.1)]


def test_it_is_pure():
    text = activation("sin(0.3 * x) + 0.1 * x")
    assert tune(text, SUITE) == tune(text, SUITE)


def test_what_is_good_already_is_not_made_worse():
    texts = [activation("tanh(1.1 * x)"), activation("max(x, 0.1 * x)")]
    for text in texts:
        tuned = tune(text, SUITE)
        if tuned != text:
            assert _loss(tuned, SUITE) < _loss(text, SUITE)
            assert shape(parse(tuned).program) != shape(parse(text).program)


def test_a_text_that_cannot_be_trained_stays():
    text = activation("exp(exp(3 * x)) + 0.5")
    assert np.isinf(_loss(text, SUITE))
    assert tune(text, SUITE) == text
    assert lab_kernel(parse(text).program, 8).gain > 0
