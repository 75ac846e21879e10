"""The proof at the end of a run: who is scored on the sealed suite, and how often."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from actdsl.evolve import RunDirectory, proof, run
from actdsl.evolve.proposers import make_proposer
from actdsl.grammar import parse
from actdsl.identity import canonical_hash


@pytest.fixture
def proved(tmp_path, settings, fake, monkeypatch):
    """``proved(seed, candidates)``: the proof, the hashes of what it evaluated, and what it scored."""

    def make(seed, candidates):
        evaluator, scored = fake(), []

        class Scoring(proof.Scoring):
            def __call__(self, outcome, race=None):
                scored.append(outcome)
                return super().__call__(outcome, race)

        monkeypatch.setattr(proof, "Scoring", Scoring)
        own = replace(settings, seeds=(seed,), candidates=candidates)
        directory = RunDirectory.begin(tmp_path, own, "")
        with closing(directory.store):
            run(directory, evaluator, make_proposer(own))
            found = directory.store.fact("proof")
        hashes = [canonical_hash(parse(text).program) for text in evaluator.proved]
        return found, hashes, scored

    return make


@pytest.mark.parametrize("written", ["relu(x)", "gelu(x)", "tanh(x)"])
def test_a_first_parent_that_is_a_champion_is_scored_once_rival_or_not(proved, written):
    found, hashes, scored = proved(f"activation mine(x):\n    return {written}\n", 1)
    (champion,) = found["champions"]
    everyone = {row["hash"] for row in (champion, *found["rivals"])}
    assert (champion["name"], champion["number"]) == ("mine", 0)
    assert len(everyone) == len(proof.RIVALS) + (written == "tanh(x)")
    assert sorted(hashes) == sorted(everyone)
    assert len(scored) == len(everyone)


def test_a_champion_that_is_a_rival_too_has_its_own_name_and_the_same_score(proved):
    found, _, _ = proved("activation mine(x):\n    return gelu(x)\n", 1)
    (champion,) = found["champions"]
    gelu = next(row for row in found["rivals"] if row["name"] == "gelu")
    same = {
        key: champion[key] for key in champion if key not in ("name", "number", "text", "against")
    }
    assert same == {key: gelu[key] for key in same}
    assert champion["against"]["gelu"] == {"ratio": 1.0, "interval": [1.0, 1.0]}
    assert champion["against"]["relu"]["ratio"] == champion["ratio"] == gelu["ratio"]


def test_three_champions_are_scored_in_the_order_of_the_search(proved):
    found, hashes, _ = proved("activation mine(x):\n    return relu(x)\n", 30)
    assert 1 < len(found["champions"]) <= proof.CHAMPIONS
    assert len(set(hashes)) == len(hashes)
    assert all(row["against"].keys() == set(proof.RIVALS) for row in found["champions"])
