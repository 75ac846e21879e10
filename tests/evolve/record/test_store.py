from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import Candidate, Outcome, Settings, Status
from actdsl.evolve.proposers import Cost, Exchange, Proposal
from actdsl.evolve.record.store import Store


def test_settings_and_outcomes_come_back_as_they_were(tmp_path, settings):
    outcome = Outcome({"ood": [[0.1 + 0.2, 1e-300]]}, seconds=1.25)
    failure = Outcome(None, "MemoryError: too much", 0.5)
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.begin(settings, {"actdsl": "1.2"}, "actdsl evolve --seed relu")
        store.keep("aa", (0, 1), outcome)
        store.keep("bb", (0, 1), failure)
        store.keep("aa", (0, 1), failure)  # the first stays
        store.keep("aa", (7,), failure)
    with closing(Store(tmp_path / "run.sqlite")) as again:
        assert Settings.from_json(again.fact("settings")) == settings
        assert again.fact("versions") == {"actdsl": "1.2"}
        assert again.fact("command") == "actdsl evolve --seed relu"
        found = again.outcome("aa", (0, 1)), again.outcome("bb", (0, 1)), again.outcome("aa", (7,))
        assert found == (outcome, failure, failure)
        assert again.outcome("cc", (0, 1)) is None
        assert again.outcome("aa", (0,)) is None


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
        "number": 3, "island": 2, "operator": "hoist", "parents": "[1]", "status": "refused",
        "reason": "affine: on", "name": None, "hash": None, "fingerprint": None, "niche": None,
        "flops": None, "ratio": None, "score": None, "retest": None, "text": "text",
    }  # fmt: skip
    assert (second["status"], second["name"], second["flops"]) == ("evaluated", "act7", 7)
    assert (second["parents"], second["hash"]) == ("[1, 2]", f"{7:016x}")
    assert second["ratio"] == json.loads(second["score"])["ratio"] == 0.5


def test_a_retest_is_added_to_its_row(tmp_path, settled):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.record(settled(7, 0.5))
        store.retested(settled(7, 0.8, retested=True))
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as connection:
        ((ratio, score, retest),) = connection.execute(
            "SELECT ratio, score, retest FROM candidates"
        )
    assert (ratio, json.loads(score)["ratio"], json.loads(retest)["ratio"]) == (0.8, 0.5, 0.8)


def test_a_run_that_goes_on_settles_its_candidates_anew(tmp_path, settled):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.record(settled(7, 0.5))
        store.record(settled(8, 0.6))
        assert [c.number for c in store.settled()] == [7, 8]
        store.record(settled(7, 0.7, text="activation f(x): return tanh(x)"))
        store.forget_candidates(but=[7])
        assert store.settled() == [settled(7, 0.7, text="activation f(x): return tanh(x)")]


def test_what_is_written_is_there_for_other_readers_at_once(tmp_path):
    path = tmp_path / "run.sqlite"
    with closing(Store(path)) as store, closing(sqlite3.connect(path)) as reader:
        store.keep("aa", (0,), Outcome({"ood": []}))
        assert reader.execute("SELECT hash FROM evaluations").fetchall() == [("aa",)]


def test_a_full_disk_is_one_line(tmp_path):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ActdslError, match=r"run\.sqlite: database or disk is full$"):
            store.keep("aa", (0,), Outcome({"ood": [0.1] * 10_000}))


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "run.sqlite").write_bytes(b"hello " * 1000)
    with pytest.raises(ActdslError, match=r"run\.sqlite: file is not a database$"):
        Store(tmp_path / "run.sqlite")


def test_proposals_come_back_as_they_were(tmp_path):
    asked = Proposal(
        "text", "few-shot", (3, 4), "llama", Cost(120, 0.25, 1.5), (Exchange("why?", "so"),),
        ("time-out",), "refused: it would not",
    )  # fmt: skip
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.log(7, asked)
        store.log(7, Proposal("other", "swap"))  # the first stays
        assert store.proposal(7) == asked
        assert store.proposal(8) is None
        assert store.proposals() == {7: asked}


def test_a_read_only_folder_can_be_looked_at_and_not_written_to(tmp_path, settings):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        store.begin(settings, {}, "command")
    with closing(Store(tmp_path / "run.sqlite", read_only=True)) as looked_at:
        assert looked_at.fact("command") == "command"
        with pytest.raises(ActdslError, match=r"run\.sqlite: attempt to write a readonly database"):
            looked_at.state("ended", "now")
    if os.geteuid() == 0:
        return  # permissions do not bind root
    (tmp_path / "run.sqlite").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with closing(Store(tmp_path / "run.sqlite", read_only=True)) as looked_at:
            assert looked_at.fact("command") == "command"
        with pytest.raises(ActdslError, match=r"readonly|unable to open"):
            Store(tmp_path / "run.sqlite").state("ended", "now")
    finally:
        tmp_path.chmod(0o755)
