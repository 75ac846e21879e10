from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import RunDirectory, Workers, cores, run
from actdsl.evolve.evaluation import processes, workers
from actdsl.evolve.evaluation.evaluator import Job, measure
from actdsl.evolve.evaluation.scoring import BASELINE
from actdsl.evolve.lab import SUITES
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.record.evaluations import Evaluations
from actdsl.evolve.record.store import Store
from actdsl.evolve.replay import compare
from actdsl.grammar import parse
from actdsl.identity import canonical_hash

SMOKE = SUITES["smoke"]


@pytest.fixture
def dying(monkeypatch, request):
    """Workers that run ``dying.measure``: a module that the processes can import."""
    monkeypatch.syspath_prepend(str(request.path.parent))
    monkeypatch.setattr(workers, "measure", __import__("dying").measure)


def test_outcomes_are_those_of_this_process():
    texts = [f"activation f(x): return {body}" for body in ("relu(x)", "tanh(x)", "f(")]
    with Workers(SMOKE, count=2) as pool:
        outcomes = dict(pool.outcomes(texts, (0,)))
    for index, text in enumerate(texts):
        here = measure(Job(text, SMOKE, (0,)))
        assert outcomes[index].losses == here.losses
        assert outcomes[index].error == here.error


@pytest.mark.usefixtures("dying")
def test_a_text_that_kills_its_process_fails_alone(tmp_path):
    texts = ["a", "die", *"bcdefgh"]
    with Workers(SMOKE, count=2) as pool:
        outcomes = dict(pool.outcomes(texts, (4,)))
        (unlucky,) = pool.outcomes([f"die once: {tmp_path / 'flag'}"], (4,))
    assert sorted(outcomes) == list(range(len(texts)))
    assert {i for i, o in outcomes.items() if o.losses is None} == {1}
    assert outcomes[1].error == "the process that evaluated it died"
    assert outcomes[4].losses == {"text": "d", "suite": "smoke", "seeds": [4]}
    assert unlucky[1].error == ""


@pytest.mark.usefixtures("dying")
def test_a_text_that_hangs_is_killed_and_fails_alone():
    with Workers(SMOKE, count=1, timeout=3) as pool:
        outcomes = dict(pool.outcomes(["a", "hang", "b"], (4,)))
    assert [outcomes[i].losses is None for i in range(3)] == [False, True, False]
    assert outcomes[1].error == "not finished after 3 s, and killed"
    assert outcomes[1].lost
    assert outcomes[1].seconds >= 3


@pytest.mark.usefixtures("dying")
def test_what_a_dying_process_said_last_is_in_the_reason():
    with Workers(SMOKE, count=1) as pool:
        outcome = pool.submit("say why and die", (4,)).result()
    assert outcome.error == "the process that evaluated it died: out of luck"


@pytest.mark.usefixtures("dying")
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX")
def test_what_a_killed_process_started_is_killed_as_well(tmp_path):
    pid = tmp_path / "pid"
    with Workers(SMOKE, count=1, timeout=3) as pool:
        outcome = pool.submit(f"start another and hang: {pid}", (4,)).result()
    assert outcome.lost
    child = int(pid.read_text())
    for _ in range(100):
        try:
            state = Path(f"/proc/{child}/stat").read_text().split()[2]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail("it is still there")


@pytest.mark.usefixtures("dying")
def test_leaving_early_leaves_nothing_behind_even_if_something_hangs(monkeypatch):
    monkeypatch.setattr(workers, "_GRACE", 0.5)
    with Workers(SMOKE, count=1) as pool:
        next(pool.outcomes([*"abcdefghij"], (0,)))
        hanging = pool.submit("hang", (0,))
        process = next(iter(pool._executor._working.values()))
    assert process.is_spent
    assert hanging.cancelled()


@pytest.mark.usefixtures("dying")
def test_of_what_is_killed_as_somebody_leaves_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_GRACE", 0.5)
    with closing(Store(tmp_path / "run.sqlite")) as store:
        with Workers(SMOKE, count=2) as pool:
            evaluations = Evaluations(store, pool)
            good = evaluations.ask("good", "a", (0,))
            good.result()
            evaluations.ask("slow", "hang", (0,))
            tuned = pool.tuned("activation f(x): return " + "+ ".join(["sin(0.3*x)"] * 4))
        assert tuned.done()
        assert [row[0] for row in store.evaluations()] == ["good"]
        assert store.lost() == []


@pytest.mark.parametrize(
    ("boot", "why"),
    [("import time; time.sleep(600)", "not ready after 0.5 s"), ("1 / 0", "ZeroDi")],
)
def test_a_process_that_does_not_start_is_an_error_and_no_failure_of_a_text(monkeypatch, boot, why):
    monkeypatch.setattr(processes, "_BOOT", boot)
    if "sleep" in boot:
        monkeypatch.setattr(processes, "_START", 0.5)
    with (
        Workers(SMOKE, count=1) as pool,
        pytest.raises(ActdslError, match=f"^no process to evaluate with: {why}"),
    ):
        pool.submit("a", (0,)).result()


def test_one_may_leave_while_a_process_starts(monkeypatch):
    monkeypatch.setattr(workers, "_GRACE", 0.5)
    monkeypatch.setattr(processes, "_BOOT", "import time; time.sleep(600)")
    with Workers(SMOKE, count=1) as pool:
        future = pool.submit("a", (0,))
    assert future.cancelled()


@pytest.mark.usefixtures("dying")
def test_a_tuning_lost_with_its_process_is_empty(monkeypatch):
    monkeypatch.setattr(workers, "tune", __import__("dying").tune)
    with Workers(SMOKE, count=1) as pool:
        assert [pool.tuned(text).result() for text in ("a", "die")] == ["a", ""]


def test_interrupted_with_cold_processes_a_run_goes_on_as_if_it_had_not_been(
    tmp_path, monkeypatch, settings
):
    short, stores = replace(settings, candidates=8), []
    for name in ("left alone", "interrupted"):
        directory = RunDirectory.begin(tmp_path / name, short, "")
        if name == "interrupted":
            with monkeypatch.context() as at_once, Workers(SMOKE, 2, exact=True) as pool:
                at_once.setattr(workers, "_GRACE", 0.0)
                evaluations = Evaluations(directory.store, pool)
                relu = parse(BASELINE).program
                evaluations.ask(canonical_hash(relu), BASELINE, short.lab_seeds)
                pool.__exit__()
            assert directory.store.evaluations() == []
        with Workers(SMOKE, 2, exact=True, anew=True) as pool:
            run(directory, pool, make_proposer(short), proof=False)
        stores.append(directory.store)
    assert compare(*stores).differences == []
    for store in stores:
        store.close()


@pytest.mark.usefixtures("dying")
def test_processes_are_replaced_before_their_compiled_code_fills_the_memory(monkeypatch):
    monkeypatch.setattr(processes, "_LIFETIME", 2)
    with Workers(SMOKE, count=1) as pool:
        seen = []
        for text in "abcde":
            assert pool.submit(text, (0,)).result().losses["text"] == text
            seen.append(pool._executor._working[0].pid)
    assert [len(set(seen[:n])) for n in range(1, 6)] == [1, 1, 2, 2, 3]


def test_there_is_a_core():
    assert cores() >= 1
