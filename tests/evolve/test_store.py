from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import Candidate, Outcome, Settings, Status
from actdsl.evolve.store import Store


def test_settings_and_outcomes_come_back_as_they_were(tmp_path, settings):
    outcome = Outcome({"ood": [[0.1 + 0.2, 1e-300]]}, seconds=1.25)
    failure = Outcome(None, "MemoryError: too much", 0.5)
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.begin(settings, {"actdsl": "1.2"}, "actdsl evolve --seed relu")
        store.keep("aa", outcome)
        store.keep("bb", failure)
        store.keep("aa", failure)  # the first stays
    with closing(Store(tmp_path / "run.sqlite")) as again:
        assert Settings.from_json(again.fact("settings")) == settings
        assert again.fact("versions") == {"actdsl": "1.2"}
        assert again.fact("command") == "actdsl evolve --seed relu"
        assert (again.outcome("aa"), again.outcome("bb")) == (outcome, failure)
        assert again.outcome("cc") is None


def test_every_candidate_is_a_row_with_all_that_is_known(tmp_path, settled):
    refused = Candidate(3, 2, "text", "hoist", (1,), status=Status.REFUSED, reason="affine: on")
    with closing(Store(tmp_path / "run.sqlite")) as store:
        for candidate in (settled(7, 0.5, parents=(1, 2)), refused):
            store.record(candidate)
            store.record(candidate)
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        first, second = connection.execute("SELECT * FROM candidates ORDER BY number")
    assert dict(first) == {
        "number": 3, "generation": 2, "operator": "hoist", "parents": "[1]", "status": "refused",
        "reason": "affine: on", "name": None, "hash": None, "fingerprint": None, "flops": None,
        "ratio": None, "score": None, "text": "text",
    }  # fmt: skip
    assert (second["status"], second["name"], second["flops"]) == ("evaluated", "act7", 7)
    assert (second["parents"], second["hash"]) == ("[1, 2]", f"{7:016x}")
    assert second["ratio"] == json.loads(second["score"])["ratio"] == 0.5


def test_another_text_under_a_known_number_is_an_error(tmp_path, settled):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.record(settled(7, 0.5))
        with pytest.raises(ActdslError, match="begun by a version that proposes otherwise"):
            store.record(settled(7, 0.5, text="activation f(x): return tanh(x)"))


def test_what_is_written_is_there_for_other_readers_at_once(tmp_path):
    path = tmp_path / "run.sqlite"
    with closing(Store(path)) as store, closing(sqlite3.connect(path)) as reader:
        store.keep("aa", Outcome({"ood": []}))
        assert reader.execute("SELECT hash FROM evaluations").fetchall() == [("aa",)]


def test_a_full_disk_is_one_line(tmp_path):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ActdslError, match=r"run\.sqlite: database or disk is full$"):
            store.keep("aa", Outcome({"ood": [0.1] * 10_000}))


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "run.sqlite").write_bytes(b"hello " * 1000)
    with pytest.raises(ActdslError, match=r"run\.sqlite: file is not a database$"):
        Store(tmp_path / "run.sqlite")
