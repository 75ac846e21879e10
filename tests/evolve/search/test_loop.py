from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from numpy.testing import assert_allclose

from actdsl.errors import ActdslError
from actdsl.evolve import RunDirectory, Search, Status, run
from actdsl.evolve.lab.pairing import WORST_RATIO
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.record.store import Store
from actdsl.grammar import parse


@pytest.fixture
def search_in(tmp_path):
    """``search_in(settings, evaluator, name)``: all candidates, in order of number."""

    def search(settings, evaluator, name="run"):
        with closing(Store(tmp_path / f"{name}.sqlite")) as store:
            search = Search(settings, store, evaluator, make_proposer(settings))
            return sorted(search, key=lambda c: c.number)

    return search


def counted(candidates):
    return [c for c in candidates if c.status is not Status.REFUSED and not c.is_reference]


def test_it_ends_with_exactly_the_number_asked_for(search_in, settings, fake):
    candidates = search_in(settings, fake())
    assert len(counted(candidates)) == settings.candidates
    assert [c.number for c in candidates] == list(range(len(candidates)))
    assert [c.name for c in candidates if c.is_reference] == ["relu", "gelu"]
    assert candidates[0].operator == "seed"
    assert candidates[0].ratio == 1.0


def test_it_improves_on_its_seed(search_in, settings, fake):
    ratios = [c.ratio for c in counted(search_in(settings, fake()))]
    assert min(ratios) < 0.7


def test_candidates_do_not_depend_on_who_finishes_first(search_in, settings, fake):
    forwards = search_in(settings, fake(), "forwards")
    assert forwards == search_in(settings, fake(backwards=True), "backwards")
    assert forwards != search_in(replace(settings, rng_seed=1), fake(), "other")


def test_no_function_is_evaluated_twice(search_in, settings, fake):
    evaluator = fake()
    candidates = search_in(settings, evaluator)
    # The seed is the baseline: evaluated for both. GELU is the other reference.
    assert len(evaluator.evaluated) == settings.candidates + 1
    hashes = [c.hash for c in counted(candidates)]
    assert len(set(hashes)) == len(hashes)


def test_parents_were_settled_before_their_children_were_proposed(search_in, settings, fake):
    candidates = search_in(replace(settings, in_flight=5), fake())
    place = {c.number: i for i, c in enumerate(counted(candidates))}
    gaps = [place[c.number] - place[p] for c in counted(candidates) for p in c.parents]
    assert min(gaps) >= 1
    behind = [place[c.number] for c in counted(candidates) if 0 in c.parents]
    assert behind[:5] == [1, 2, 3, 4, 5]  # there was nobody else yet


@pytest.mark.parametrize("evaluations", [0, 1, 2, 9, 30])
def test_resumed_it_loses_and_repeats_nothing(search_in, settings, fake, evaluations):
    whole = search_in(settings, fake(), "whole")
    first, second = fake(interrupted_after=evaluations), fake()
    with pytest.raises(KeyboardInterrupt):
        search_in(settings, first, "cut")
    assert search_in(settings, second, "cut") == whole
    assert len(first.evaluated) + len(first.retested) == evaluations
    assert len(first.evaluated) + len(second.evaluated) == settings.candidates + 1
    assert not set(first.evaluated) & set(second.evaluated)
    assert not set(first.retested) & set(second.retested)


def test_what_fails_is_paid_for_has_the_worst_score_and_is_recorded(
    search_in, settings, fake, tmp_path
):
    candidates = search_in(settings, fake(fails="sin("))
    failed = [c for c in candidates if c.status is Status.FAILED]
    assert failed
    for candidate in failed:
        assert_allclose(candidate.ratio, WORST_RATIO)
        assert candidate.score.diverged == 1
        assert candidate.reason == "ZeroDivisionError: as asked"
    assert len(counted(candidates)) == settings.candidates
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as connection:
        query = "SELECT count(*), max(reason) FROM candidates WHERE status = 'failed'"
        assert connection.execute(query).fetchone() == (len(failed), failed[0].reason)


def test_refused_candidates_are_recorded_with_reasons(search_in, settings, fake, tmp_path):
    candidates = search_in(settings, fake())
    refused = [c for c in candidates if c.status is Status.REFUSED]
    assert refused
    assert all(c.reason and c.score is None for c in refused)
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as connection:
        query = "SELECT number, reason FROM candidates WHERE status = 'refused' ORDER BY number"
        assert connection.execute(query).fetchall() == [(c.number, c.reason) for c in refused]


def test_candidates_keep_to_the_settings(search_in, settings, fake):
    for candidate in counted(search_in(replace(settings, max_flops=20), fake())):
        assert candidate.flops <= 20
        assert parse(candidate.text).program.kind.value == "pointwise"


def test_the_random_proposer_has_no_parents(search_in, settings, fake):
    candidates = counted(search_in(replace(settings, proposer="random"), fake()))
    assert len(candidates) == settings.candidates
    assert all(c.operator == "random" and not c.parents for c in candidates[1:])


def test_contextual_candidates_are_proposed_when_allowed(search_in, settings, fake):
    allowed = replace(settings, proposer="random", allow_contextual=True)
    texts = [c.text for c in counted(search_in(allowed, fake()))]
    assert any(parse(text).program.kind.value == "contextual" for text in texts)


@pytest.mark.parametrize(
    ("seed", "line"),
    [
        ("activation f(x, gate): return x * gate", "a seed is refused: gated: f takes 2 inputs"),
        ("activation f(x): return 2 * x", "a seed is refused: affine"),
        ("activation f(x): return x - mean(x)", "a seed is refused: contextual"),
    ],
)
def test_a_seed_that_cannot_be_a_parent_is_an_error(search_in, settings, fake, seed, line):
    evaluator = fake()
    with pytest.raises(ActdslError, match=line):
        search_in(replace(settings, seeds=(seed,)), evaluator)
    assert not evaluator.evaluated


def test_one_function_given_twice_is_an_error(search_in, settings, fake):
    twice = (*settings.seeds, "activation rectifier(u): return max(0, u)")
    with pytest.raises(ActdslError, match="known: relu in other words"):
        search_in(replace(settings, seeds=twice), fake())


def test_more_seeds_than_candidates_are_an_error(settings):
    with pytest.raises(ActdslError, match="a search of 1 candidates cannot have 2 seeds"):
        replace(settings, candidates=1, seeds=settings.seeds * 2)


def test_a_proposer_with_nothing_new_ends_the_search(tmp_path, settings, fake):
    settings = replace(settings, max_flops=1)
    with closing(Store(tmp_path / "run.sqlite")) as store:
        search = Search(settings, store, fake(), make_proposer(settings))
        refused = [c.reason for c in search if c.status is Status.REFUSED]
    assert len(refused) > 1000
    assert search.ended.startswith("1000 proposals were refused in a row, the last as ")


def test_without_a_baseline_there_is_no_search(search_in, settings, fake):
    with pytest.raises(ActdslError, match="the baseline, ReLU, cannot be evaluated here: Zero"):
        search_in(settings, fake(fails="relu"))


def test_a_run_leaves_its_files_and_they_are_those_of_an_interrupted_one(tmp_path, settings, fake):
    contents = []
    for name in ("whole", "cut"):
        directory = RunDirectory.begin(tmp_path / name, settings, "actdsl evolve")
        proposer = make_proposer(settings)
        with closing(directory.store):
            if name == "cut":
                for evaluations in (0, 21):
                    with pytest.raises(KeyboardInterrupt):
                        run(directory, fake(interrupted_after=evaluations), proposer)
                assert (tmp_path / name / "best.act").exists()
                assert (tmp_path / name / "curve.png").exists()
            run(directory, fake(), proposer)
        files = sorted(p.name for p in (tmp_path / name).iterdir())
        assert files == ["best.act", "best.json", "curve.png", "run.sqlite"]
        certificate = json.loads((tmp_path / name / "best.json").read_text())
        assert certificate.pop("cost")["proposals"] > settings.candidates / 2
        contents.append((certificate, (tmp_path / name / "best.act").read_bytes()))
    assert contents[0] == contents[1]
