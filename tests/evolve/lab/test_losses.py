from __future__ import annotations

import json

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, score
from actdsl.evolve.lab.losses import all_diverged, from_plain, to_plain
from actdsl.evolve.lab.pairing import WORST_RATIO

SMOKE = SUITES["smoke"]


def test_losses_come_back_from_json_bit_for_bit():
    rng = np.random.default_rng(0)
    losses = np.exp(rng.normal(size=(2, 3, 2), scale=9))
    evaluation = Evaluation(SMOKE, (4, 7), *losses, rng.random((3, 2)) < 0.5)
    back = from_plain(json.loads(json.dumps(to_plain(evaluation))), SMOKE)
    assert (back.suite, back.seeds) == (SMOKE, (4, 7))
    np.testing.assert_array_equal(back.validation, losses[0])
    np.testing.assert_array_equal(back.ood, losses[1])
    np.testing.assert_array_equal(back.diverged, evaluation.diverged)


def test_losses_of_another_suite_are_refused():
    plain = to_plain(all_diverged(SMOKE, (0,)))
    with pytest.raises(ValueError, match=f"losses are of {SMOKE}, not of {SUITES['micro']}"):
        from_plain(plain, SUITES["micro"])


def test_losses_of_some_tasks_come_back_as_those():
    part = SMOKE.only([SMOKE.tasks[2].name, SMOKE.tasks[0].name])
    back = from_plain(to_plain(all_diverged(part, (3,))), SMOKE)
    assert back.suite == part
    assert [task.name for task in back.suite.tasks] == [SMOKE.tasks[i].name for i in (0, 2)]


def test_what_diverged_everywhere_scores_worst():
    ones = np.ones((3, 1))
    baseline = Evaluation(SMOKE, (0,), ones, ones, np.zeros((3, 1), bool))
    result = score(all_diverged(SMOKE, (0,)), baseline)
    assert result.ratio == pytest.approx(WORST_RATIO)
    assert result.diverged == 1
