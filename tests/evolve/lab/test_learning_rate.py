from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Recipe
from actdsl.evolve.lab.learning_rate import PROBES, learning_rate
from actdsl.evolve.lab.run import run
from actdsl.evolve.lab.sealed import SEALED
from actdsl.evolve.lab.tasks import Sizes

SIZES = Sizes(train=32, valid=32, ood=32)
GRID = Recipe(width=8, steps=60, learning_rates=(3.0, 0.02, 1e-5))


def test_it_is_the_one_that_learns_best_in_distribution(compiled):
    kernel = compiled("gelu", width=8)
    assert learning_rate(kernel, GRID, SIZES) == 0.02
    validation = [
        np.log([run(kernel, GRID, SIZES, rate, task, 0)[0] for task in PROBES]).mean()
        for rate in GRID.learning_rates
    ]
    assert GRID.learning_rates[int(np.argmin(validation))] == 0.02


def test_probes_may_be_shorter_than_the_runs_they_are_for(compiled):
    kernel = compiled("gelu", width=8)
    # In a step or two only the wildest rate moves at all.
    hasty = replace(GRID, learning_rates=(1e-5, 0.1), probe_steps=2)
    assert learning_rate(kernel, hasty, SIZES) == 0.1


def test_a_rate_that_diverges_is_not_taken(compiled):
    kernel = compiled("exploding", width=8)
    wild = replace(GRID, learning_rates=(100.0, 1e-4))
    assert not np.isfinite(run(kernel, wild, SIZES, 100.0, PROBES[0], 0)).all()
    assert learning_rate(kernel, wild, SIZES) == 1e-4


def test_what_never_learns_gets_the_smallest_and_a_grid_of_one_is_not_tried(compiled):
    kernel = compiled("nan", width=8)
    assert learning_rate(kernel, GRID, SIZES) == 1e-5
    assert learning_rate(kernel, replace(GRID, learning_rates=(7.0,)), SIZES) == 7.0


@pytest.mark.parametrize("suite", [*SUITES.values(), SEALED], ids=str)
def test_no_suite_evaluates_what_rates_are_tried_on(suite):
    assert not {task.name for task in PROBES} & {task.name for task in suite.tasks}
    assert len({task.family for task in PROBES}) == 3
