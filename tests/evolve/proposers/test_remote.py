"""Models behind endpoints, against a real server on this machine that behaves in every bad way."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from lark import Lark

from actdsl.errors import ActdslError
from actdsl.evolve.proposers import Context, Failure, GoneError
from actdsl.evolve.proposers.endpoint.chat import ATTEMPTS, MOST_TOKENS, Endpoint
from actdsl.evolve.proposers.endpoint.patience import RATE_LIMITED, Patience
from actdsl.evolve.proposers.endpoint.secret import Secret
from actdsl.evolve.proposers.prompting import Prompts
from actdsl.evolve.proposers.remote import SILENCE, RemoteProposer
from actdsl.grammar import parse
from actdsl.grammar.gbnf import gbnf
from actdsl.grammar.productions import Bounds, productions

from .chat_server import ChatServer, activation, serving

pytest.importorskip("openai", reason="the openai client is not installed")

KEY = "sk-very-secret-0123456789"
RULES = productions(bounds=Bounds(depth=1, params=1, lets=0))
RNG = np.random.default_rng


class Pauses(list):
    """A clock that only waiting moves on."""

    def __call__(self, seconds):
        self.append(seconds)

    def patience(self):
        return Patience(clock=lambda: sum(self), pause=self, jitter=lambda: 0.0)


@pytest.fixture
def asked(settled, monkeypatch):
    """``asked(server, times)``: proposals, with the pauses made between attempts."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    relu = settled(3, 1.0, "# The rectifier.\nactivation relu(x): return relu(x)")
    context = Context(
        [relu], failures=[Failure("activation f(x): return 3", "constant: on [-4, 4]")]
    )

    def ask(server, times=1, key=KEY, timeout=30.0, context=context, price=None, pauses=None):
        pauses = Pauses() if pauses is None else pauses
        with serving(server) as url:
            secret = Secret(key) if key else None
            endpoint = Endpoint("m", url, secret, RULES, timeout, price, pauses.patience())
            proposer = RemoteProposer(endpoint, Prompts(), max_flops=40)
            proposals = [proposer.ask(RNG(number), context) for number in range(times)]
        return proposals, pauses

    return ask


def test_an_answer_becomes_a_proposal_with_all_that_is_to_be_logged(asked):
    server = ChatServer()
    (proposal,), pauses = asked(server, price=(1.0, 10.0))
    assert proposal.text == activation(1)
    assert parse(proposal.text).program.rationale == "A trend with a ripple of its own, the 1th."
    assert (proposal.proposer, proposal.operator, proposal.parents) == ("openai:m", "written", (3,))
    assert (proposal.cost.tokens, proposal.cost.usd) == (120, (100 + 200) / 1e6)
    assert proposal.cost.seconds > 0
    assert (proposal.failure, proposal.troubles, pauses) == ("", (), [])
    (turn,) = proposal.exchanges
    assert activation(1) in turn.answer
    (request,) = server.requests
    system, user = (message["content"] for message in request["messages"])
    assert turn.prompt == f"{system}\n{user}"
    assert "- `sinc(x)` [18]" in system
    assert "at most 40 FLOPs" in system
    assert "Score 1.00, using relu\n# The rectifier.\nactivation relu(x):" in user
    assert "constant: on [-4, 4]" in user
    assert request["max_tokens"] == MOST_TOKENS
    assert server.keys == [f"Bearer {KEY}"]


def test_the_seed_comes_from_the_generator(asked):
    first, second = ChatServer(), ChatServer()
    asked(first, 2)
    asked(second, 2)
    assert first.requests == second.requests
    assert first.requests[0]["seed"] != first.requests[1]["seed"]


def test_what_cannot_be_read_is_sent_back_once_with_its_diagnostics(asked):
    server = ChatServer(["unreadable"])
    (proposal,), _ = asked(server)
    assert (proposal.text, proposal.operator) == (activation(2), "repaired")
    repair = server.requests[1]["messages"][-1]["content"]
    assert "error[E0302]: there is no function `sinn`" in repair
    assert "help: did you mean `sin`?" in repair
    assert [m["role"] for m in server.requests[1]["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert proposal.exchanges[1].prompt == repair
    assert proposal.cost.tokens == 240


def test_a_repair_that_fails_is_left_to_admission(asked):
    server = ChatServer(["unreadable", "unreadable", "unreadable", "prose"])
    proposals, _ = asked(server, 2)
    assert len(server.requests) == 4
    assert all("sinn(x)" in p.text and not p.failure for p in proposals)
    assert [p.troubles for p in proposals] == [(), ()]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("drop", "connection"), ("cut", "connection"), ("delay", "time-out"), ("drip", "time-out"),
        ("rate limit", "rate limit"), ("server error", "server error"),
        ("overloaded", "server error"), ("junk", "junk"), ("page", "junk"), ("hollow", "junk"),
    ],
)  # fmt: skip
def test_passing_troubles_are_overcome_and_counted(asked, act, kind):
    server = ChatServer([act, act])
    (proposal,), pauses = asked(server, timeout=1.5 if kind == "time-out" else 30.0)
    assert proposal.text == activation(3)
    assert proposal.troubles == (kind, kind)
    assert server.done == {act: 2, "good": 1}
    assert pauses == ([7.0, 7.0] if act == "rate limit" else [1.0, 2.0])


@pytest.mark.parametrize(
    ("act", "kind"),
    [("refusal", "refusal"), ("filtered", "refusal"), ("half", "half answer"), ("prose", "junk")],
)
def test_answers_of_no_use_are_proposals_that_failed(asked, act, kind):
    server = ChatServer([act])
    (first, second), pauses = asked(server, 2)
    assert (first.text, second.text) == ("", activation(2))
    assert first.failure.startswith(f"{kind}: ")
    assert first.cost.tokens == 120
    assert len(first.exchanges) == 1
    assert pauses == []


def test_attempts_are_bounded_and_so_is_silence(asked):
    server = ChatServer(["server error"] * 100)
    with pytest.raises(GoneError, match=r"openai:m did not answer 6 times in a row, the last: ser"):
        asked(server, SILENCE)
    assert server.done == {"server error": ATTEMPTS * SILENCE}


@pytest.mark.parametrize(
    ("act", "line"),
    [
        ("bad key", "openai:m does not answer: key: 401, the endpoint does not accept the key: "),
        ("quota", "openai:m does not answer: key: 429: "),
        ("no model", "openai:m does not answer: model: 404: "),
    ],
)
def test_what_time_does_not_heal_is_said_at_once(asked, act, line):
    server = ChatServer([act] * 9)
    with pytest.raises(GoneError) as caught:
        asked(server)
    assert str(caught.value).startswith(line)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.done == {act: 1}


def test_injected_text_is_data_and_the_key_is_scrubbed_from_it(asked):
    (proposal,), _ = asked(ChatServer(["injected"]))
    logged = json.dumps(proposal.as_json())
    assert KEY not in logged
    assert "# Bearer [key]\n" in proposal.text
    assert "ripple_1" in proposal.text
    assert "import os" not in proposal.text
    assert "Ignore all previous instructions" in proposal.exchanges[0].answer


@pytest.mark.parametrize(
    ("owner", "where"), [("llamacpp", ("grammar",)), ("vllm", ("structured_outputs", "grammar"))]
)
def test_answers_are_held_to_the_grammar_where_the_server_can(asked, owner, where):
    server = ChatServer(owner=owner, answer=activation)
    (proposal,), _ = asked(server)
    found = server.requests[0]
    for key in where:
        found = found[key]
    assert found == gbnf(RULES)
    assert proposal.text == activation(1)
    assert "no fence" in server.requests[0]["messages"][0]["content"]


def test_a_server_that_takes_no_grammar_after_all_is_asked_without(asked):
    server = ChatServer(["bad request"], owner="vllm")
    proposals, _ = asked(server, 2)
    assert [p.text for p in proposals] == [activation(2), activation(3)]
    assert proposals[0].troubles == ("request",)
    assert ["structured_outputs" in request for request in server.requests] == [True, False, False]
    assert "seed" in server.requests[1]


def test_a_server_that_takes_no_seed_is_asked_without(asked):
    server = ChatServer(["bad request"])
    (proposal,), _ = asked(server)
    assert proposal.text == activation(2)
    assert ["seed" in request for request in server.requests] == [True, False]


def test_a_request_rejected_as_it_is_fails_one_proposal_and_rejections_in_a_row_are_the_end(asked):
    server = ChatServer(["bad request", "good", "bad request", "good", "bad request"])
    proposals, _ = asked(server, 4)
    assert [p.failure.partition(":")[0] for p in proposals] == ["", "request", "", "request"]
    with pytest.raises(GoneError, match=r"6 times in a row, the last: request: 400: unknown field"):
        asked(ChatServer(["bad request"] * 99), SILENCE)


def test_four_at_once_step_down_together(settled, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    together = Barrier(4)

    class Rejecting(ChatServer):
        """Takes no grammar, and says so to all four at the same moment."""

        def next(self, body, key):
            _, number = super().next(body, key)
            if "structured_outputs" not in body:
                return "good", number
            together.wait(30)
            return "bad_request", number

    server = Rejecting(owner="vllm")
    context = Context([settled(3, 1.0, "activation relu(x): return relu(x)")])
    with serving(server) as url, ThreadPoolExecutor(4) as threads:
        proposer = RemoteProposer(Endpoint("m", url, None, RULES), Prompts())
        proposals = list(threads.map(lambda n: proposer.ask(RNG(n), context), range(4)))
    assert [p.troubles for p in proposals] == [("request",)] * 4
    assert all(p.text for p in proposals)
    assert all("seed" in request for request in server.requests)
    assert len(server.requests) == 8


def test_rate_limits_are_outlasted(asked):
    server = ChatServer(["slow down"] * 9)
    (proposal,), pauses = asked(server)
    assert proposal.text == activation(10)
    assert proposal.troubles == ("rate limit",) * 9
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_rate_limits_without_end_are_silence_in_the_end(asked):
    server = ChatServer(["slow down"] * 99)
    pauses = Pauses()
    with pytest.raises(GoneError, match="6 times in a row, the last: rate limit: 429"):
        asked(server, SILENCE, pauses=pauses)
    assert RATE_LIMITED <= sum(pauses) < RATE_LIMITED + 60 * (SILENCE + 1)


@pytest.mark.parametrize("act", ["delay", "slow down"])
def test_closing_ends_the_wait_for_an_answer_and_between_requests(settled, monkeypatch, act):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    context = Context([settled(3, 1.0, "activation relu(x): return relu(x)")])
    server = ChatServer([act] * 99)
    with serving(server) as url, ThreadPoolExecutor(1) as thread:
        patience = Patience(jitter=lambda: 1e6)  # an hour and more between requests
        proposer = RemoteProposer(Endpoint("m", url, None, RULES, patience=patience), Prompts())
        asking = thread.submit(proposer.ask, RNG(0), context)
        while not server.requests:
            time.sleep(0.01)
        proposer.close()
        with pytest.raises(GoneError, match="closed: the search ended before") as caught:
            asking.result(timeout=60)
        assert "activation relu(x)" in caught.value.last.exchanges[0].prompt
        with pytest.raises(GoneError, match="closed"):
            proposer.ask(RNG(1), context)
    assert server.done == {act: 1}


def test_a_prompt_without_an_answer_is_kept(asked):
    (proposal,), _ = asked(ChatServer(["server error"] * ATTEMPTS))
    (turn,) = proposal.exchanges
    assert proposal.failure.startswith("server error: 500: ")
    assert "The language, in full." in turn.prompt
    assert turn.answer == ""


def test_what_was_paid_before_the_end_is_kept(asked):
    with pytest.raises(GoneError) as caught:
        asked(ChatServer(["unreadable", "bad key"]))
    last = caught.value.last
    assert last.cost.tokens == 120
    assert ["sinn" in turn.answer for turn in last.exchanges] == [True, False]
    assert "did you mean `sin`?" in last.exchanges[1].prompt


def test_what_a_proposal_may_cost_is_known_before(asked, settled):
    context = Context([settled(3, 1.0, "activation relu(x): return relu(x)")])
    (proposal,), _ = asked(ChatServer(["unreadable", "uncounted"]), context=context)
    endpoint = Endpoint("m", "http://127.0.0.1:1/v1", None, RULES, price=(1.0, 10.0))
    most = RemoteProposer(endpoint, Prompts(), max_flops=40).most(context)
    read = len(proposal.exchanges[0].prompt) // 2
    assert most.tokens == pytest.approx(2 * read + 3 * MOST_TOKENS, abs=4)
    assert most.usd == pytest.approx((2 * read + 21 * MOST_TOKENS) / 1e6, abs=1e-5)


def test_of_what_the_client_says_only_its_type_is_told(asked):
    key = "sk-very-secret\nsk-second-half"
    (proposal,), _ = asked(ChatServer(), key=key)
    assert proposal.failure.startswith("connection: ")
    assert "secret" not in json.dumps(proposal.as_json())


def test_openai_is_handed_a_tool_with_the_grammar_in_larks_notation(asked, monkeypatch):
    monkeypatch.setattr("actdsl.evolve.proposers.endpoint.chat.is_openai", lambda url: True)
    server = ChatServer()
    (proposal,), _ = asked(server)
    (request,) = server.requests
    grammar = request["tools"][0]["custom"]["format"]["grammar"]
    assert grammar["syntax"] == "lark"
    Lark(grammar["definition"], parser="earley").parse(
        "# A ripple on a line.\nactivation some_ripple(x):\n    return x + sin(x)\n"
    )
    assert request["tool_choice"]["custom"]["name"] == request["tools"][0]["custom"]["name"]
    assert request["max_completion_tokens"] == MOST_TOKENS
    assert proposal.text == activation(1)


def test_without_a_key_a_server_of_ones_own_is_asked_and_openai_is_not(asked):
    server = ChatServer()
    asked(server, key=None)
    assert server.keys == ["Bearer none"]
    with pytest.raises(ActdslError, match="OpenAI's endpoint needs a key: set OPENAI_API_KEY or"):
        Endpoint("m", None, None, RULES)


@pytest.mark.parametrize(
    "url",
    ["http://me:secret@127.0.0.1/v1", "https://host/v1?api_key=secret", "file:///etc", "host:80"],
)
def test_a_url_with_a_secret_in_it_is_refused(url):
    with pytest.raises(ActdslError, match="a base URL") as caught:
        Endpoint("m", url, None, RULES)
    assert "secret" not in str(caught.value)


def test_a_server_that_does_not_count_tokens_is_counted_for(asked):
    (proposal,), _ = asked(ChatServer(["uncounted"]), price=(1.0, 1.0))
    (turn,) = proposal.exchanges
    assert 0 < len(turn.answer) // 4 <= proposal.cost.tokens <= len(turn.prompt + turn.answer) // 4
    assert proposal.cost.usd == proposal.cost.tokens / 1e6
