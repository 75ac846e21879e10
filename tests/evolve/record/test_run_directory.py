from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import RunDirectory, holds_run
from actdsl.evolve.lab import SUITES
from actdsl.evolve.record.store import Store


def test_a_run_is_begun_and_resumed_with_its_settings(tmp_path, settings):
    path = tmp_path / "runs" / "first"
    assert not holds_run(path)
    with closing(RunDirectory.begin(path, settings, "command").store):
        assert holds_run(path)
    directory = RunDirectory.resume(path)
    with closing(directory.store):
        assert directory.settings == settings
        assert directory.store.fact("versions").keys() >= {"actdsl", "numba", "numpy", "python"}


def test_beginning_where_a_run_is_says_how_to_go_on(tmp_path, settings):
    with closing(RunDirectory.begin(tmp_path, settings, "").store):
        pass
    with pytest.raises(ActdslError, match="already holds a run: go on with it by --resume"):
        RunDirectory.begin(tmp_path, settings, "")


def test_resuming_where_no_run_is(tmp_path):
    with pytest.raises(ActdslError, match="holds no run to resume"):
        RunDirectory.resume(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_run_killed_before_it_wrote_its_settings_was_never_begun(tmp_path, settings):
    Store(tmp_path / "run.sqlite").close()
    assert not holds_run(tmp_path)
    with closing(RunDirectory.begin(tmp_path, settings, "").store):
        assert holds_run(tmp_path)


def test_losses_of_another_version_of_the_suite_are_not_gone_on_with(
    tmp_path, settings, monkeypatch
):
    with closing(RunDirectory.begin(tmp_path, settings, "").store):
        pass
    was = SUITES["smoke"]
    monkeypatch.setitem(SUITES, "smoke", replace(was, version=99))
    with pytest.raises(ActdslError, match=rf"was begun on {was} .*, and the lab now has smoke/99 "):
        RunDirectory.resume(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path, settings):
    (tmp_path / "file").write_text("")
    with pytest.raises(ActdslError, match=r"cannot write .*: Not a directory"):
        RunDirectory.begin(tmp_path / "file" / "run", settings, "")


def test_a_database_that_cannot_be_opened(tmp_path, settings):
    (tmp_path / "run.sqlite").mkdir()
    with pytest.raises(ActdslError, match=r"run\.sqlite: unable to open database file$"):
        RunDirectory.begin(tmp_path, settings, "")
