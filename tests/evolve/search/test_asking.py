from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from actdsl.evolve import RunDirectory, Search, run
from actdsl.evolve.proposers import Context, Cost, GoneError, Proposal, make_proposer
from actdsl.evolve.proposers.proposer import Untold
from actdsl.evolve.record.store import Store
from actdsl.evolve.replay import replay
from actdsl.evolve.search.asking import Asking


class Slow(Untold):
    """The grammar behind a network: as many asked at once as it says, each after a while."""

    name = "slow"

    def __init__(self, settings, seed, at_once=3):
        self.at_once, self.others = at_once, make_proposer(settings)
        self.delays = np.random.default_rng(seed)
        self.lock, self.within, self.crowd = threading.Lock(), 0, 0

    def ask(self, rng, context):
        with self.lock:
            self.within += 1
            self.crowd = max(self.crowd, self.within)
            delay = self.delays.uniform(0, 0.02)
        time.sleep(delay)
        with self.lock:
            self.within -= 1
        return self.others.ask(rng, context)


def test_answers_that_come_late_change_nothing(tmp_path, settings, fake):
    runs = []
    for seed in (1, 2):
        proposer = Slow(settings, seed)
        with closing(Store(tmp_path / f"{seed}.sqlite")) as store:
            runs.append(list(Search(settings, store, fake(), proposer)))
            logged = store.proposals()
        assert 1 < proposer.crowd <= 3
        assert {c.number for c in runs[-1] if c.operator in ("seed", "reference")} == {0, 1, 2}
        assert sorted(logged) == [c.number for c in sorted(runs[-1], key=lambda c: c.number)][3:]
    assert runs[0] == runs[1]


def test_a_resumed_run_asks_for_nothing_twice(tmp_path, settings, fake):
    whole = []
    with closing(Store(tmp_path / "run.sqlite")) as store:
        with pytest.raises(KeyboardInterrupt):
            list(Search(settings, store, fake(interrupted_after=20), Slow(settings, 1)))
        time.sleep(0.2)  # for answers that were on their way
        before = set(store.proposals())
        proposer = Slow(settings, 3)
        asked = []
        ask = proposer.ask
        proposer.ask = lambda rng, context: asked.append(1) or ask(rng, context)
        whole = list(Search(settings, store, fake(), proposer))
        after = set(store.proposals())
    assert before < after
    assert len(asked) == len(after - before)
    with closing(Store(tmp_path / "other.sqlite")) as store:
        assert whole == list(Search(settings, store, fake(), Slow(settings, 4)))


def test_what_was_asked_is_in_the_log_before_it_is_taken(tmp_path, settled):
    class Prompt(Untold):
        name, at_once = "prompt", 2

        def ask(self, rng, context):
            if context.niche == "gone":
                raise GoneError("gone")
            return Proposal(context.niche, "op")

    with closing(Store(tmp_path / "run.sqlite")) as store:
        asking, rng = Asking(Prompt(), store), np.random.default_rng(0)
        for number, niche in enumerate(["a", "b", "gone"]):
            asking.ask(number, rng, Context([settled(0, 1.0)], niche=niche), Cost())
        asking.found(7, Proposal("old", "op"))
        assert len(asking) == 4
        for number, niche in ((0, "a"), (1, "b")):
            assert asking.take() == (number, Proposal(niche, "op"), "")
            assert store.proposal(number) == Proposal(niche, "op")
        end = Proposal("", "none", proposer="prompt", failure="gone: gone")
        assert asking.take() == (2, end, "gone")
        assert store.proposal(2) == end
        assert asking.take() == (7, Proposal("old", "op"), "")
        asking.close()


def test_a_run_that_asked_several_at_once_is_replayed_by_asking_nobody(tmp_path, settings, fake):
    class Leaving(Slow):
        left = 25

        def ask(self, rng, context):
            self.left -= 1
            if self.left < 0:
                raise GoneError("closing time")
            return super().ask(rng, context)

    directory = RunDirectory.begin(tmp_path / "run", settings, "")
    with closing(directory.store):
        archive = run(directory, fake(tunes=True), Leaving(settings, 1))
        assert directory.store.fact("ended") == "closing time"
        assert any(c.operator == "tuned" for c in archive.ranked)
        assert replay(directory, tmp_path / "again", fake(tunes=True)).differences == []
    resumed = RunDirectory.resume(tmp_path / "run")
    with closing(resumed.store):
        assert run(resumed, fake(tunes=True), Slow(settings, 2)).evaluated == 40
        assert replay(resumed, tmp_path / "third", fake(tunes=True)).differences == []


def test_a_full_disk_under_a_proposal_ends_the_run_in_one_line(tmp_path, settings, fake):
    with closing(Store(tmp_path / "run.sqlite")) as store:
        search = Search(replace(settings, candidates=200), store, fake(), Slow(settings, 1))
        ((pages,),) = store._rows("PRAGMA page_count")
        store._rows(f"PRAGMA max_page_count = {pages + 12}")
        with pytest.raises(Exception, match=r"run\.sqlite: database or disk is full$"):
            list(search)
