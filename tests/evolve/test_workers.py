from __future__ import annotations

from multiprocessing import active_children

import pytest

from actdsl.evolve import Workers, cores, workers
from actdsl.evolve.evaluator import measure


@pytest.fixture
def dying(monkeypatch, request):
    """Workers that run ``dying.measure``: a module that the processes can import."""
    monkeypatch.syspath_prepend(str(request.path.parent))
    monkeypatch.setattr(workers, "measure", __import__("dying").measure)


def test_outcomes_are_those_of_this_process():
    texts = [f"activation f(x): return {body}" for body in ("relu(x)", "tanh(x)", "f(")]
    with Workers("smoke", (0,), count=2) as pool:
        outcomes = dict(pool.outcomes(texts))
    for index, text in enumerate(texts):
        here = measure(text, "smoke", (0,))
        assert outcomes[index].losses == here.losses
        assert outcomes[index].error == here.error


@pytest.mark.usefixtures("dying")
def test_a_text_that_kills_its_process_fails_alone(tmp_path):
    texts = ["a", "die", *"bcdefgh"]
    with Workers("smoke", (4,), count=2) as pool:
        outcomes = dict(pool.outcomes(texts))
        (unlucky,) = pool.outcomes([f"die once: {tmp_path / 'flag'}"])
    assert sorted(outcomes) == list(range(len(texts)))
    assert {i for i, o in outcomes.items() if o.losses is None} == {1}
    assert outcomes[1].error == "the process that evaluated it died"
    assert outcomes[4].losses == {"text": "d", "suite": "smoke", "seeds": [4]}
    assert unlucky[1].error == ""


@pytest.mark.usefixtures("dying")
def test_leaving_early_leaves_nothing_behind():
    with Workers("smoke", (0,), count=1) as pool:
        next(pool.outcomes([*"abcdefghij"]))
    assert not active_children()


@pytest.mark.usefixtures("dying")
def test_processes_are_replaced_before_their_compiled_code_fills_the_memory(monkeypatch):
    monkeypatch.setattr(workers, "_LIFETIME", 2)
    with Workers("smoke", (0,), count=1) as pool:
        for replaced in (False, False, True):
            before = set(pool._pool._processes)
            outcomes = dict(pool.outcomes(["a", "b"]))
            assert [outcomes[i].losses["text"] for i in range(2)] == ["a", "b"]
            assert (before & set(pool._pool._processes) == set()) is (replaced or not before)


def test_there_is_a_core():
    assert cores() >= 1
