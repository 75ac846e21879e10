from __future__ import annotations

import json
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve.lab import SUITES, Evaluation, LossCache
from actdsl.evolve.lab.cache import cells_of
from actdsl.grammar import parse

SMOKE = SUITES["smoke"]
PROGRAM = parse("activation f(x): return x * sin(x) + x").program
SAME = parse("activation g(y): return y + sin(y) * y").program


def evaluation(seeds=(0, 4), suite=SMOKE, factor=1.0):
    rng = np.random.default_rng(0)
    shape = (len(suite.tasks), len(seeds))
    losses = factor * np.exp(rng.normal(size=(2, *shape), scale=9))
    return Evaluation(suite, seeds, *losses, rng.random(shape) < 0.5)


@pytest.fixture
def cache(tmp_path):
    return LossCache(tmp_path / "there" / "lab.sqlite")


def test_losses_come_back_bit_for_bit(cache):
    assert cache.get(PROGRAM, SMOKE, (0, 4), exact=True) == {}
    cache.put(PROGRAM, evaluation())
    found = LossCache(cache.path).get(PROGRAM, SMOKE, (0, 4, 5), exact=True)
    assert found == cells_of(evaluation())
    assert len(found) == len(SMOKE.tasks) * 2


def test_a_function_is_known_in_other_words_unless_exactly_it_is_asked_for(cache):
    cache.put(PROGRAM, evaluation())
    assert cache.get(SAME, SMOKE, (0,), exact=True) == {}
    assert cache.get(SAME, SMOKE, (0,), exact=False).keys() == {(t.name, 0) for t in SMOKE.tasks}
    own = evaluation(factor=3.0)
    cache.put(SAME, own)
    for exact in (True, False):
        assert cache.get(SAME, SMOKE, (0, 4), exact) == cells_of(own)
    assert cache.get(PROGRAM, SMOKE, (0, 4), exact=True) == cells_of(evaluation())


def test_parts_of_a_suite_add_up(cache):
    names = [task.name for task in SMOKE.tasks]
    for part in (names[:1], names[1:]):
        cache.put(PROGRAM, evaluation(suite=SMOKE.only(part)))
    assert len(cache.get(PROGRAM, SMOKE, (0, 4), exact=True)) == 2 * len(names)


@pytest.mark.parametrize(
    "other",
    [
        replace(SMOKE, version=SMOKE.version + 1),
        replace(SMOKE, sizes=replace(SMOKE.sizes, train=31)),
        replace(SMOKE, recipe=replace(SMOKE.recipe, steps=51)),
        SUITES["micro"],
    ],
    ids=["version", "sizes", "recipe", "suite"],
)
def test_other_conditions_are_other_losses(cache, other):
    cache.put(PROGRAM, evaluation())
    assert cache.get(PROGRAM, other, (0, 4), exact=False) == {}


def test_so_is_another_trainer(cache, monkeypatch):
    cache.put(PROGRAM, evaluation())
    monkeypatch.setattr("actdsl.evolve.lab.cache.TRAINER_VERSION", -1)
    assert cache.get(PROGRAM, SMOKE, (0, 4), exact=False) == {}


@pytest.mark.parametrize("change", ["cells = replace(cells, '1', '2')", "seed = 5", "hash = 'x'"])
def test_a_row_that_was_changed_is_as_good_as_absent(cache, change):
    cache.put(PROGRAM, evaluation(seeds=(0,)))
    with closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute(f"UPDATE losses SET {change}")
    assert cache.get(PROGRAM, SMOKE, (0, 5), exact=False) == {}
    cache.put(PROGRAM, evaluation(seeds=(0,)))
    assert cache.get(PROGRAM, SMOKE, (0,), exact=True) == cells_of(evaluation(seeds=(0,)))


def test_a_file_that_is_no_database_is_replaced(cache):
    cache.path.parent.mkdir()
    cache.path.write_bytes(b"hello " * 1000)
    assert cache.get(PROGRAM, SMOKE, (0,), exact=True) == {}
    cache.put(PROGRAM, evaluation())
    assert cache.get(PROGRAM, SMOKE, (0, 4), exact=True) == cells_of(evaluation())


def test_where_nothing_can_be_kept_nothing_is(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (None, tmp_path / "file" / "lab.sqlite", tmp_path):
        cache = LossCache(path)
        cache.put(PROGRAM, evaluation())
        assert cache.get(PROGRAM, SMOKE, (0, 4), exact=False) == {}


def test_many_write_at_once(cache):
    suites = [SMOKE.only([task.name]) for task in SMOKE.tasks]

    def put(number):
        LossCache(cache.path).put(PROGRAM, evaluation((number // 3,), suites[number % 3]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(60)))
    assert len(cache.get(PROGRAM, SMOKE, range(20), exact=True)) == 60


def test_the_default_is_in_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "ACTDSL_CACHE_DIR", str(tmp_path))
    assert LossCache.default().path == tmp_path / "lab.sqlite"
    monkeypatch.setitem(os.environ, "ACTDSL_CACHE_DIR", "")
    assert LossCache.default().path is None


def test_a_row_is_readable(cache):
    cache.put(PROGRAM, evaluation(seeds=(0,)))
    with closing(sqlite3.connect(cache.path)) as connection:
        ((cells,),) = connection.execute("SELECT cells FROM losses")
    assert json.loads(cells).keys() == {task.name for task in SMOKE.tasks}
