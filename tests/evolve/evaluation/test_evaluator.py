from __future__ import annotations

import json

import numpy as np
import pytest

from actdsl.evolve.evaluation.evaluator import Job, measure
from actdsl.evolve.lab import SUITES, evaluate, lab_kernel
from actdsl.evolve.lab.losses import from_plain
from actdsl.grammar import parse

SMOKE = SUITES["smoke"]


def test_a_text_is_measured_as_the_lab_measures_it():
    text = "activation f(x):\n    param a = 0.5 in [0, 1]\n    return tanh(x) + a * x"
    outcome = measure(Job(text, SMOKE, (0, 3)))
    expected = evaluate(lab_kernel(parse(text).program, SMOKE.recipe.width), SMOKE, (0, 3))
    got = from_plain(json.loads(json.dumps(outcome.losses)), SMOKE)
    np.testing.assert_array_equal(got.ood, expected.ood)
    np.testing.assert_array_equal(got.validation, expected.validation)
    assert outcome.error == ""
    assert outcome.seconds > 0


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("activation f(x", "SourceError: "),
        ("activation f(x, gate): return x * gate", "ValueError: f takes 2 inputs"),
        ("activation f(x): return 1e30 * x", "RefusedError: too large: 4e+30 at x = -4"),
    ],
)
def test_an_exception_is_the_candidates_failure(text, error):
    outcome = measure(Job(text, SMOKE, (0,)))
    assert outcome.losses is None
    assert outcome.error.startswith(error)
    assert "\n" not in outcome.error


def test_networks_that_diverge_are_an_outcome_and_no_failure():
    outcome = measure(Job("activation f(x): return 0 / 0 * x", SMOKE, (0,)))
    assert outcome.error == ""
    assert np.all(outcome.losses["diverged"])
