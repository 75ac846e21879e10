from __future__ import annotations

import json

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, score
from actdsl.evolve.lab.losses import all_diverged, from_plain, to_plain
from actdsl.evolve.lab.score import WORST_RATIO

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
    with pytest.raises(ValueError, match="losses are of smoke/1, not of micro/1"):
        from_plain(plain, SUITES["micro"])


def test_what_diverged_everywhere_scores_worst():
    ones = np.ones((3, 1))
    baseline = Evaluation(SMOKE, (0,), ones, ones, np.zeros((3, 1), bool))
    result = score(all_diverged(SMOKE, (0,)), baseline)
    assert result.ratio == pytest.approx(WORST_RATIO)
    assert result.diverged == 1
