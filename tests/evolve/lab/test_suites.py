from __future__ import annotations

import pickle
from collections import Counter

import pytest

from actdsl.evolve.lab import SUITES
from actdsl.evolve.lab.tasks import dataset


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_suites_are_balanced_and_learnable(suite):
    families = Counter(task.family for task in suite.tasks)
    assert families.keys() == {"polynomial", "harmonic", "feynman"}
    assert len(set(families.values())) == 1
    assert len({task.name for task in suite.tasks}) == len(suite.tasks)
    for task in suite.tasks:
        for seed in suite.seeds:
            dataset(task, seed, suite.sizes)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_suites_are_named_versioned_and_travel_to_workers(suite):
    assert SUITES[suite.name] is suite
    assert str(suite) == f"{suite.name}/{suite.version}"
    assert pickle.loads(pickle.dumps(suite)) == suite
