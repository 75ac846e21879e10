"""A real scheduler and real workers on this machine, one of them killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve import RunDirectory, Workers, run
from actdsl.evolve.evaluation.evaluator import Job, measure
from actdsl.evolve.lab import SUITES
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.record.evaluations import Evaluations
from actdsl.evolve.record.store import Store
from actdsl.evolve.replay import compare

SMOKE = SUITES["smoke"]
TEXTS = [f"activation f(x): return tanh({k} * x) + {k / 20} * x" for k in range(1, 13)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs Dask"),
    pytest.mark.skipif(not hasattr(os, "killpg"), reason="kills process groups"),
]


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", *words, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},  # where ``dying`` is
    )


@pytest.fixture
def cluster():
    """The scheduler's address, the processes of two workers, and its own."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    worker = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--host", "127.0.0.1")
    processes = [start(*scheduler), start(*worker), start(*worker)]
    try:
        yield address, processes[1:], processes[0]
    finally:
        for process in processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()


@pytest.fixture
def connected(cluster):
    from actdsl.evolve.evaluation.cluster import Cluster

    address, processes, _ = cluster
    deadline = time.monotonic() + 60
    while True:
        try:
            executor = Cluster(address, timeout=60)
            break
        except ActdslError:
            assert time.monotonic() < deadline
    executor._client.wait_for_workers(2, timeout=60)
    yield executor, processes
    executor.shutdown()


def test_a_cluster_gives_what_this_process_gives_and_survives_the_loss_of_a_worker(connected):
    executor, processes = connected
    with Workers(SMOKE, 1, anew=True, executor=executor) as evaluator:
        outcomes = {}
        for index, outcome in evaluator.outcomes([*TEXTS, "activation f("], (0,)):
            outcomes[index] = outcome
            if len(outcomes) == 2:
                os.killpg(processes[0].pid, signal.SIGKILL)
    for index, text in enumerate(TEXTS):
        assert outcomes[index].losses == measure(Job(text, SMOKE, (0,))).losses
    assert outcomes[len(TEXTS)].error.startswith("SourceError: ")


def test_what_hangs_there_is_killed_there(connected, monkeypatch, request):
    from actdsl.evolve.evaluation import workers

    executor, _ = connected
    executor._timeout = 5
    monkeypatch.syspath_prepend(str(request.path.parent))
    monkeypatch.setattr(workers, "measure", __import__("dying").measure)
    with Workers(SMOKE, 1, executor=executor) as evaluator:
        outcomes = dict(evaluator.outcomes(["a", "hang", "die", "b"], (0,)))
    assert [outcomes[i].error for i in range(4)] == [
        "", "not finished after 5 s, and killed", "the process that evaluated it died", ""
    ]  # fmt: skip


def test_a_search_there_is_the_search_here(connected, tmp_path, settings):
    executor, processes = connected
    settled = 0

    def watch(candidate, archive):
        nonlocal settled
        settled += 1
        if settled == 6:
            os.killpg(processes[1].pid, signal.SIGKILL)

    stores = []
    for name, where in (("there", executor), ("here", None)):
        directory = RunDirectory.begin(tmp_path / name, settings, "")
        stores.append(directory.store)
        with Workers(SMOKE, 2, exact=True, anew=True, executor=where) as evaluator:
            proposer = make_proposer(settings)
            run(directory, evaluator, proposer, watch if where else lambda *_: None, proof=False)
    assert compare(*stores).differences == []
    for store in stores:
        store.close()


def test_a_scheduler_that_is_lost_is_one_line_and_nothing_in_hand_is_kept(
    connected, cluster, tmp_path, settings
):
    executor, _ = connected
    directory = RunDirectory.begin(tmp_path, settings, "")
    kept = []

    def watch(candidate, archive):
        if not kept:
            os.killpg(cluster[2].pid, signal.SIGKILL)
        kept.append(candidate)

    with (
        closing(directory.store),
        Workers(SMOKE, 1, exact=True, anew=True, executor=executor) as evaluator,
    ):
        with pytest.raises(ActdslError, match=f"^the cluster at {cluster[0]} is gone; `--resume` "):
            run(directory, evaluator, make_proposer(settings), watch, proof=False)
        assert kept
        assert all(losses for _, _, _, losses, _ in directory.store.evaluations())


def test_of_what_is_in_hand_there_as_somebody_leaves_nothing_is_kept(connected, tmp_path):
    executor, _ = connected
    with closing(Store(tmp_path / "run.sqlite")) as store:
        with Workers(SMOKE, 1, anew=True, executor=executor) as evaluator:
            evaluations = Evaluations(store, evaluator)
            asked = [evaluations.ask(text, text, (0,)) for text in TEXTS]
            asked[0].result()
        time.sleep(1)
        assert store.evaluations()
        assert all(losses for _, _, _, losses, _ in store.evaluations())


def test_no_scheduler_is_one_line():
    from actdsl.evolve.evaluation.cluster import Cluster

    with pytest.raises(ActdslError, match=r"^no Dask scheduler answers at tcp://127\.0\.0\.1:9$"):
        Cluster("tcp://127.0.0.1:9", 1)
