from __future__ import annotations

import io
import math
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from rich.console import Console

from actdsl.cli.compare_search import contestants
from actdsl.evolve import RunDirectory
from actdsl.evolve.contest import Contestant, Result, against, contest, mean
from actdsl.evolve.view.contest import contest_rows, contest_table, verdicts


def result(name, rng_seed, sealed):
    return Result(name, rng_seed, "f", sealed, (sealed / 2, sealed * 2), 0.9, 20, 60.0, 5, 0.1)


RESULTS = [result("a", 0, 0.5), result("b", 0, 1.0), result("a", 1, 0.4), result("b", 1, 0.75)]


def test_a_contest_runs_everybody_with_every_seed_and_goes_on_where_it_was(
    tmp_path, settings, fake
):
    field = [Contestant("all", {}), Contestant("best of N", {"selection": False})]
    own, first = replace(settings, candidates=15), fake()
    results = contest(field, own, range(2), tmp_path, first)
    assert [(r.contestant, r.rng_seed, r.evaluated) for r in results] == [
        ("all", 0, 15), ("best of N", 0, 15), ("all", 1, 15), ("best of N", 1, 15)
    ]  # fmt: skip
    assert all(r.sealed and r.confirmed for r in results)
    again = fake()
    repeated = contest(field, own, range(2), tmp_path, again)
    assert not again.evaluated
    assert [r.sealed for r in repeated] == [r.sealed for r in results]


def test_a_run_is_gone_on_with_under_the_limits_and_at_the_endpoint_of_now(
    tmp_path, settings, fake
):
    field = [Contestant("all", {})]
    for candidates, url in ((5, "http://was"), (8, "http://is")):
        own = replace(settings, candidates=candidates, base_url=url)
        (result,) = contest(field, own, [0], tmp_path, fake())
        assert result.evaluated == candidates
        with closing(RunDirectory.look_at(tmp_path / "all-0").store) as store:
            assert store.fact("settings")["base_url"] == url


def test_means_are_geometric_with_students_interval():
    found = mean([0.5, 0.8])
    assert_allclose(found.value, math.sqrt(0.4))
    reach = 12.706 * np.std(np.log([0.5, 0.8]), ddof=1) / math.sqrt(2)
    middle = np.log(found.value)
    assert_allclose(np.log(found.interval), [middle - reach, middle + reach], rtol=1e-3)
    assert mean([0.7]).interval == (0.0, math.inf)


def test_contestants_are_paired_by_random_seed():
    found = against(RESULTS, "a", "b")
    assert_allclose(found.value, math.sqrt(0.5 * 0.4 / 0.75))
    assert against(RESULTS, "a", "a").interval == pytest.approx((1.0, 1.0))


def test_tables_rank_by_the_sealed_suite_and_verdicts_go_by_intervals():
    rows = contest_rows(RESULTS, "b")
    assert [row["name"] for row in rows] == ["a", "b"]
    assert (rows[0]["runs"], rows[0]["evaluated"], rows[0]["minutes"]) == (2, 20, 1.0)
    output = io.StringIO()
    Console(width=200, file=output).print(contest_table(RESULTS, "b"))
    assert "sealed / ReLU's" in output.getvalue()
    (line,) = verdicts(RESULTS, [("a", "b")])
    assert line.startswith("a against b: 0.516 (0.")
    (line,) = verdicts(RESULTS[:2], [("a", "b")])
    assert line == "a against b: 0.500 (-): too few runs to tell"
    clear = [result(n, s, v) for s in range(5) for n, v in (("a", 0.5), ("b", 1.0 + s / 100))]
    assert next(verdicts(clear, [("a", "b")])).endswith(": it is better")
    assert next(verdicts(clear, [("b", "a")])).endswith(": it is worse")


def test_auto_stands_for_each_that_it_would_take(monkeypatch):
    monkeypatch.setattr("actdsl.evolve.proposers.best_there_is", lambda: ("grammar,llama", ""))
    names = [c.name for c in contestants(("auto",), best_of_n=False)]
    assert names == ["grammar", "llama", "random"]
    assert [c.name for c in contestants((), best_of_n=False)] == names


def test_the_control_and_the_best_of_n_have_no_selection():
    found = contestants(("grammar", "random"), best_of_n=True)
    assert [(c.name, c.changes) for c in found] == [
        ("grammar", {"proposer": "grammar"}),
        ("best of N grammar", {"proposer": "grammar", "selection": False}),
        ("random", {"proposer": "random", "selection": False}),
    ]
