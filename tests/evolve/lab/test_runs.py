from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, LossCache, Runs, evaluate, lab_kernel, runs
from actdsl.grammar import parse

SMOKE = SUITES["smoke"]
NAMES = [task.name for task in SMOKE.tasks]
PROGRAM = parse("activation f(x): return tanh(x)").program


@pytest.fixture
def trained(monkeypatch):
    """What was trained so far: (task, seed), in order."""
    found = []

    def watched(kernel, suite, seeds):
        found.extend((task.name, seed) for task in suite.tasks for seed in seeds)
        return evaluate(kernel, suite, seeds)

    monkeypatch.setattr(runs, "evaluate", watched)
    return found


def test_they_are_those_of_an_evaluation(tmp_path):
    whole = evaluate(lab_kernel(PROGRAM, SMOKE.recipe.width), SMOKE, (3, 0))
    cache = LossCache(tmp_path / "lab.sqlite")
    for _ in range(2):
        found = Runs(PROGRAM, SMOKE, cache).evaluation((3, 0))
        assert (found.suite, found.seeds) == (SMOKE, (3, 0))
        for name in ("validation", "ood", "diverged"):
            np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))


@pytest.mark.parametrize("kept", [True, False])
def test_nothing_is_trained_twice(tmp_path, trained, kept):
    cache = LossCache(tmp_path / "lab.sqlite" if kept else None)
    once = Runs(PROGRAM, SMOKE, cache)
    once.evaluation((0,), NAMES[:1])
    once.evaluation((0,), NAMES[:2])
    once.evaluation((0, 1))
    assert len(trained) == len(set(trained)) == 6
    again = Runs(PROGRAM, SMOKE, cache)
    again.evaluation((1, 0))
    assert len(trained) == (6 if kept else 12)


def test_what_is_known_is_not_even_compiled(tmp_path, monkeypatch):
    cache = LossCache(tmp_path / "lab.sqlite")
    Runs(PROGRAM, SMOKE, cache).evaluation((0,))
    monkeypatch.delattr(runs, "lab_kernel")
    Runs(PROGRAM, SMOKE, cache).evaluation((0,), NAMES[1:])


def test_other_words_do_for_all_but_those_who_must_repeat(tmp_path, trained):
    cache = LossCache(tmp_path / "lab.sqlite")
    Runs(PROGRAM, SMOKE, cache).evaluation((0,))
    same = parse("activation other(z): let t = tanh(z) return t").program
    Runs(same, SMOKE, cache).evaluation((0,))
    assert len(trained) == 3
    Runs(same, SMOKE, cache, exact=True).evaluation((0,))
    assert len(trained) == 6
