"""The search with proposers chosen on the command line, a model behind an endpoint among them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from actdsl.cli.group import group

from .proposers.chat_server import ChatServer, serving

KEY = "sk-very-secret-0123456789"
BEGIN = ("evolve", "--seed", "relu", "--suite", "smoke", "--candidates", "12", "--run", "run",
         "--no-proof", "--proposer")  # fmt: skip

TROUBLE = (
    "server error", "unreadable", "drop", "half", "junk", "injected", "refusal", "delay", "page",
    "good", "rate limit", "hollow", "prose", "cut", "filtered",
)  # fmt: skip


@pytest.fixture
def actdsl(tmp_path, monkeypatch, fake):
    """``actdsl(*words)``: the command line in an empty folder, with a fake evaluator."""
    evaluator = fake()

    class FakeWorkers:
        def __init__(self, *_, **__):
            pass

        def __enter__(self):
            return evaluator

        def __exit__(self, *_):
            pass

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("actdsl.evolve.Workers", FakeWorkers)
    monkeypatch.setattr("actdsl.evolve.proposers.endpoint.patience._FIRST", 0.01)
    monkeypatch.setattr("actdsl.evolve.proposers.endpoint.patience._LONGEST_TOLD", 0.02)
    monkeypatch.setattr("actdsl.evolve.proposers.choice.why_not", lambda: "as asked")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(group, list(words))


def test_auto_says_what_it_takes_and_how_to_get_the_others(actdsl):
    done = actdsl(*BEGIN, "auto")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("proposer: grammar, which needs no model. ")
    for way in ("pip install 'actdsl[llm]' (as asked)", "--proposer openai:MODEL --base-url URL"):
        assert way in done.stderr
    assert settings()["proposer"] == "grammar"


def settings():
    return facts("SELECT value FROM run WHERE key = 'settings'", lambda row: json.loads(row[0]))[0]


def facts(query, read=lambda row: row):
    with closing(sqlite3.connect("run/run.sqlite")) as connection:
        return [read(row) for row in connection.execute(query)]


def test_several_share_the_work(actdsl):
    done = actdsl(*BEGIN, "grammar,random", "--quiet")
    assert done.exit_code == 0, done.output
    assert facts("SELECT count(DISTINCT proposer) FROM proposals WHERE proposer != ''") == [(2,)]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["gramar"], 1, "error: no proposer is called 'gramar': use grammar, random, llama, "),
        (["openai:"], 1, "error: no proposer is called 'openai:'"),
        ([","], 1, "error: name a proposer: grammar, random"),
        (["openai:m"], 1, "error: OpenAI's endpoint needs a key: set OPENAI_API_KEY or --api-key"),
        (["openai:m", "--base-url", "host"], 1, "error: a base URL begins with http:// or https"),
        (["openai:m", "--api-key-file", "none"], 1, "error: cannot read the key file "),
        (["openai:m", "--price", "1"], 2, "give two prices, as in 0.15,0.6"),
        (["openai:m", "--price", "1,nan"], 2, "give two prices, as in 0.15,0.6"),
        (["openai:m", "--usd", "1"], 2, "a limit in dollars needs a price: give --price IN,OUT"),
        (["grammar", "--base-url", "http://h"], 2, "--base-url is for a proposer openai:MODEL"),
        (["auto", "--answer-within", "9"], 2, "--answer-within is for a proposer openai:MODEL"),
        (["llama", "--prompts", "none"], 2, "Directory 'none' does not exist"),
    ],
)
def test_mistakes_are_one_line_and_begin_no_run(actdsl, words, code, line):
    pytest.importorskip("openai", reason="the openai client is not installed")
    done = actdsl(*BEGIN, *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("run").exists()


def test_a_run_survives_a_server_of_every_bad_habit_and_shows_the_key_nowhere(actdsl):
    pytest.importorskip("openai", reason="the openai client is not installed")
    Path("key").write_text(f"{KEY}\n")
    server = ChatServer(TROUBLE)
    with serving(server) as url:
        done = actdsl(*BEGIN, "openai:m", "--base-url", url, "--api-key-file", "key",
                      "--answer-within", "2")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "12 evaluated; refused unseen: " in done.stdout
    assert "no answer" in done.stdout
    assert server.done.keys() == {*TROUBLE, "good"}
    assert set(server.keys) == {f"Bearer {KEY}"}
    assert KEY not in done.output
    files = [path for path in Path("run").rglob("*") if path.is_file()]
    assert {"run.sqlite", "best.act", "best.json"} <= {path.name for path in files}
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
    logged = facts("SELECT proposal FROM proposals", lambda row: json.loads(row[0]))
    troubles = {kind for proposal in logged for kind in proposal["troubles"]}
    assert troubles >= {
        "server error",
        "connection",
        "junk",
        "time-out",
        "rate limit",
        "half answer",
    }
    prompts = [turn["prompt"] for proposal in logged for turn in proposal["exchanges"]]
    assert any("The language, in full." in prompt for prompt in prompts)


def test_two_pasted_keys_in_the_environment_begin_no_run_and_are_shown_nowhere(actdsl, monkeypatch):
    pytest.importorskip("openai", reason="the openai client is not installed")
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n{KEY}")
    done = actdsl(*BEGIN, "openai:m", "--base-url", "http://127.0.0.1:1/v1")
    assert done.exit_code == 1
    assert "the variable OPENAI_API_KEY should hold one key and nothing else" in done.stderr
    assert KEY not in done.output
    assert not Path("run").exists()


def test_an_endpoint_that_goes_away_ends_the_run_in_one_line_and_it_can_be_gone_on_with(actdsl):
    pytest.importorskip("openai", reason="the openai client is not installed")
    Path("key").write_text(KEY)
    words = (*BEGIN, "openai:m", "--api-key-file", "key", "--quiet")
    with serving(ChatServer(["good"] * 5 + ["bad key"] * 99)) as url:
        done = actdsl(*words, "--base-url", url)
    assert done.exit_code == 0, done.output
    assert "6 evaluated; " in done.stdout
    assert "openai:m does not answer: key: 401" in done.stdout
    assert KEY not in done.output
    with serving(ChatServer(["good"] * 0)) as url:
        again = actdsl("evolve", "--resume", "--run", "run", "--base-url", url, "--json", "--quiet",
                       "--no-proof")  # fmt: skip
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["evaluated"] == 12
