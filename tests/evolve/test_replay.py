from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import RunDirectory, run
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.replay import replay


@pytest.fixture
def recorded(tmp_path, settings, fake):
    directory = RunDirectory.begin(tmp_path / "run", settings, "actdsl evolve")
    with closing(directory.store):
        run(directory, fake(fails="sin("), make_proposer(settings))
        yield directory


def test_a_run_is_repeated_without_a_proposer_and_evaluates_as_much(recorded, tmp_path, fake):
    evaluator = fake(fails="sin(", backwards=True)
    found = replay(recorded, tmp_path / "again", evaluator)
    assert found.differences == []
    assert found.candidates == len(recorded.store.candidates())
    evaluations = len(evaluator.evaluated) + len(evaluator.retested) + len(evaluator.proved)
    assert evaluations == found.evaluations == len(recorded.store.evaluations())
    first, second = (
        json.loads((tmp_path / name / "best.json").read_text()) for name in ("run", "again")
    )
    assert first.pop("cost")["tokens"] == second.pop("cost")["tokens"]
    assert first == second


def test_another_result_is_told(recorded, tmp_path, fake):
    found = replay(recorded, tmp_path / "again", fake(fails="tanh("))
    assert found.differences
    assert any(line.endswith(": another result") for line in found.differences)


def test_a_log_cut_short_ends_the_repetition_there(tmp_path, settings, fake):
    cut = RunDirectory.begin(tmp_path / "cut", settings, "")
    with closing(cut.store):
        with pytest.raises(KeyboardInterrupt):
            run(cut, fake(interrupted_after=20), make_proposer(settings))
        found = replay(cut, tmp_path / "again", fake())
    # What was in flight when the run was interrupted is settled, and no more is proposed.
    assert not any(line.endswith("not repeated") for line in found.differences)
    with closing(RunDirectory.look_at(tmp_path / "again").store) as again:
        assert again.fact("ended") == "the log ends"
        assert len(again.proposals()) == len(
            RunDirectory.look_at(tmp_path / "cut").store.proposals()
        )


def test_lost_evaluations_count_as_recorded(tmp_path, settings, fake):
    class Losing(fake):
        def submit(self, text, seeds, race=None, suite=None):
            future = super().submit(text, seeds, race, suite)
            if "cos(" not in text:
                return future
            lost = replace(future.result(), losses=None, error="killed", lost=True)
            future = type(future)()
            future.set_result(lost)
            return future

    directory = RunDirectory.begin(tmp_path / "run", settings, "")
    with closing(directory.store):
        run(directory, Losing(), make_proposer(settings))
        assert directory.store.lost()
        assert replay(directory, tmp_path / "again", fake()).differences == []


def test_lost_tunings_count_as_recorded(tmp_path, settings, fake):
    class Losing(fake):
        def tuned(self, text):
            future = super().tuned(text)
            if "cos(" in text:
                return future
            future = type(future)()
            future.set_result("")
            return future

    directory = RunDirectory.begin(tmp_path / "run", settings, "")
    with closing(directory.store):
        run(directory, Losing(tunes=True), make_proposer(settings))
        assert directory.store.lost_tunings()
        assert replay(directory, tmp_path / "again", fake(tunes=True)).differences == []


def test_nothing_is_repeated_over_a_run(recorded, tmp_path, fake):
    with pytest.raises(ActdslError, match="already holds a run"):
        replay(recorded, tmp_path / "run", fake())
