from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, evaluate
from actdsl.evolve.lab.evaluate import LARGEST_LOSS, SMALLEST_LOSS

SMOKE = SUITES["smoke"]


def test_losses_have_a_cell_for_every_task_and_seed(compiled):
    evaluation = evaluate(compiled("gelu", width=8), SMOKE, seeds=[4, 7])
    assert evaluation.seeds == (4, 7)
    for losses in (evaluation.validation, evaluation.ood):
        assert losses.shape == (len(SMOKE.tasks), 2)
        assert np.all((losses > SMALLEST_LOSS) & (losses < LARGEST_LOSS))
        assert len(np.unique(losses)) == losses.size
    assert not evaluation.diverged.any()
    assert np.all(evaluation.validation < 1.5)


def test_losses_are_the_same_alone_in_other_order_and_in_threads(compiled):
    kernel = compiled("gelu", width=8)
    both = evaluate(kernel, SMOKE, seeds=[0, 1])
    swapped = evaluate(kernel, SMOKE, seeds=[1, 0])
    np.testing.assert_array_equal(both.ood, swapped.ood[:, ::-1])
    alone = evaluate(kernel, replace(SMOKE, tasks=SMOKE.tasks[2:]), seeds=[1])
    np.testing.assert_array_equal(both.ood[2:, 1:], alone.ood)
    with ThreadPoolExecutor(2) as pool:
        for again in pool.map(lambda _: evaluate(kernel, SMOKE, seeds=[0, 1]), range(4)):
            np.testing.assert_array_equal(both.ood, again.ood)


def test_the_suite_has_seeds_of_its_own(compiled):
    assert evaluate(compiled("relu", width=8), SMOKE).seeds == SMOKE.seeds


@pytest.mark.parametrize("name", ["nan", "exploding"])
def test_a_diverged_run_has_the_largest_losses(compiled, name):
    suite = replace(SMOKE, recipe=replace(SMOKE.recipe, learning_rates=(100.0,)))
    evaluation = evaluate(compiled(name, width=8), suite)
    assert evaluation.diverged.all()
    assert np.all(evaluation.validation == LARGEST_LOSS)
    assert np.all(evaluation.ood == LARGEST_LOSS)
