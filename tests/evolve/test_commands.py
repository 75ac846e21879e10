"""The two verbs, as a user runs them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from actdsl.cli.group import group
from actdsl.evolve import RunDirectory
from actdsl.evolve.evaluation import workers
from actdsl.evolve.lab import SUITES


@pytest.fixture
def actdsl(tmp_path, monkeypatch, fake):
    """``actdsl(*words)``: the command line in an empty folder, with a fake evaluator."""
    monkeypatch.chdir(tmp_path)
    evaluator = fake()

    class FakeWorkers:
        def __init__(self, suite, count, exact=False, timeout=120.0, executor=None, anew=False):
            assert suite.name == "smoke"
            assert count >= 1
            self.outcomes = evaluator.outcomes

        def __enter__(self):
            return evaluator

        def __exit__(self, *_):
            pass

    monkeypatch.setattr("actdsl.evolve.Workers", FakeWorkers)
    monkeypatch.setattr("actdsl.evolve.proposers.choice.why_not", lambda: "it is not for tests")

    def invoke(*words):
        return CliRunner().invoke(group, list(words))

    invoke.evaluator = evaluator
    return invoke


BEGIN = ("evolve", "--seed", "relu", "--suite", "smoke", "--candidates", "20")


def timeless(done):
    """A run's document without what it cost."""
    return {key: value for key, value in json.loads(done.stdout).items() if key != "cost"}


def test_a_search_prints_progress_on_stderr_and_the_leaderboard_on_stdout(actdsl):
    done = actdsl(*BEGIN)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].split()[0] == "rank"
    assert "20 evaluated; refused unseen: " in done.stdout
    assert "for reference" in done.stderr
    assert sorted(p.name for p in Path("runs/relu-0").iterdir()) == [
        "best.act", "best.json", "curve.png", "run.sqlite"
    ]  # fmt: skip


def test_json_is_the_only_thing_on_stdout(actdsl):
    done = actdsl(*BEGIN, "--json", "--quiet", "--run", "there")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["run"] == "there"
    assert document["evaluated"] == 20
    assert document["settings"]["max_flops"] == 40


def test_dear_seeds_raise_the_default_budget(actdsl):
    Path("dear.act").write_text("activation dear(x): return tanh(tanh(tanh(x)))")
    done = actdsl(*BEGIN, "--seed", "dear.act", "--json", "--quiet")
    assert json.loads(done.stdout)["settings"]["max_flops"] == 2 * 3 * 14


def test_the_command_is_kept(actdsl, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/somewhere/actdsl", *BEGIN])
    actdsl(*BEGIN)
    command = json.loads(Path("runs/relu-0/best.json").read_text())["command"]
    assert command == "actdsl evolve --seed relu --suite smoke --candidates 20"


def test_a_folder_with_a_run_is_not_begun_again_but_can_be_gone_on_with(actdsl):
    first = actdsl(*BEGIN, "--json", "--quiet")
    paid = len(actdsl.evaluator.evaluated)
    again = actdsl(*BEGIN)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == (
        "error: runs/relu-0 already holds a run: "
        "go on with it by --resume, or choose another --run\n"
    )
    for words in (("evolve", "--resume", "--run", "runs/relu-0"), (*BEGIN, "--resume-if-there")):
        resumed = actdsl(*words, "--json", "--quiet")
        assert timeless(resumed) == timeless(first)
    assert len(actdsl.evaluator.evaluated) == paid


def test_other_settings_do_not_go_on_with_a_run(actdsl):
    actdsl(*BEGIN)
    resume = ("evolve", "--resume", "--run", "runs/relu-0")
    for option, *value in (("--seed", "tanh"), ("--max-flops", "7"), ("--no-racing",)):
        done = actdsl(*resume, option, *value)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"error: runs/relu-0 was begun with another {option}: ")


def test_a_run_goes_on_under_another_limit_as_if_it_had_always_been_that(actdsl):
    actdsl(*BEGIN)
    paid = len(actdsl.evaluator.evaluated)
    more = actdsl("evolve", "--resume", "--run", "runs/relu-0", "--candidates", "30", "--json")
    assert len(actdsl.evaluator.evaluated) == paid + 10
    whole = actdsl(*BEGIN, "--candidates", "30", "--run", "whole", "--json")
    assert {**timeless(more), "run": ""} == {**timeless(whole), "run": ""}


def test_runs_report_and_replay(actdsl):
    actdsl(*BEGIN)
    listed = actdsl("runs")
    assert listed.exit_code == 0
    assert "runs/relu-0" in listed.stdout
    assert json.loads(actdsl("runs", "runs", "--json").stdout)["runs"][0]["evaluated"] == 20
    reported = actdsl("report", "runs/relu-0")
    assert (reported.exit_code, reported.stdout) == (0, "runs/relu-0/report.html\n")
    assert Path("runs/relu-0/report.html").read_text().startswith("<!doctype html>")
    repeated = actdsl("replay", "runs/relu-0", "--quiet", "--keep", "again")
    assert (repeated.exit_code, repeated.stderr) == (0, "")
    assert repeated.stdout.startswith("runs/relu-0 repeated: ")
    actdsl.evaluator.fails = "activation evolved_"
    other = actdsl("replay", "runs/relu-0", "--quiet")
    assert other.exit_code == 1
    assert other.stderr.splitlines()[-1].endswith(" differences from runs/relu-0")


COMPARE = (
    "compare-search", "--proposer", "grammar", "--candidates", "12", "--runs", "2", "--suite", "smoke"
)  # fmt: skip


def test_proposers_are_compared_and_the_reports_of_their_runs_show_it(actdsl):
    done = actdsl(*COMPARE, "--json", "--quiet")
    document = json.loads(done.stdout, parse_constant=pytest.fail)
    assert {row["name"] for row in document["rows"]} == {"grammar", "random"}
    assert len(document["results"]) == 4
    assert json.loads(Path("runs/contest/comparison.json").read_text()) == document
    assert document["verdicts"][0].startswith("grammar against random: ")
    actdsl("report", "runs/contest/grammar-1")
    assert document["verdicts"][0] in Path("runs/contest/grammar-1/report.html").read_text()
    actdsl(*BEGIN)
    actdsl("report", "runs/relu-0")
    assert "was not measured" in Path("runs/relu-0/report.html").read_text()
    actdsl("report", "runs/relu-0", "--compare", "runs/contest")
    assert "on another budget: 20 candidates" in Path("runs/relu-0/report.html").read_text()
    wrong = actdsl("report", "runs/relu-0", "--compare", "runs/relu-0")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("error: cannot read runs/relu-0/comparison.json: ")
    Path("runs/comparison.json").write_text("[1]")
    assert actdsl("report", "runs/relu-0").stderr == (
        f"error: {Path('runs/comparison.json').absolute()} is no comparison that compare-search wrote\n"
    )


def test_all_that_are_compared_search_alike(actdsl):
    more = ("--seed", "tanh", "--seeds", "1", "--max-flops", "33", "--no-racing", "--islands", "2")
    assert actdsl(*COMPARE, *more, "--runs", "1", "--quiet").exit_code == 0
    for name in ("grammar-0", "random-0"):
        settings = fact(Path("runs/contest", name), "settings")
        assert (settings["max_flops"], settings["lab_seeds"]) == (33, [0])
        assert (settings["racing"], settings["islands"], settings["tuning"]) == (False, 2, True)
        assert "tanh" in settings["seeds"][0]


def fact(run, key):
    with closing(RunDirectory.look_at(run).store) as store:
        return store.fact(key)


def test_a_comparison_says_what_it_does_and_goes_on_after_ctrl_c(actdsl):
    actdsl.evaluator.left = 30
    done = actdsl(*COMPARE)
    assert (done.exit_code, done.stdout) == (130, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "run 1 of 4: grammar, random seed 0"
    assert lines[-1] == "stopped; nothing finished is lost, and the same command goes on"
    actdsl.evaluator.left = 1000
    again = actdsl(*COMPARE)
    assert again.exit_code == 0
    assert "random, random seed 1: 12 evaluated, sealed 0." in again.stderr
    assert again.stdout.splitlines()[0].split()[:2] == ["runs", "evaluated"]
    other = actdsl(*COMPARE, "--seed", "tanh")
    assert other.stderr.endswith("holds a run with other settings: choose another folder\n")


def test_limits_are_settings(actdsl):
    done = actdsl(*BEGIN, "--minutes", "60", "--tokens", "9", "--usd", "0.5", "--json", "--quiet")
    document = json.loads(done.stdout)
    assert [document["settings"][name] for name in ("minutes", "tokens", "usd")] == [60, 9, 0.5]
    assert document["ended"] == "all 20 candidates are evaluated"
    assert document["proof"]["suite"].startswith("sealed/")
    actdsl(*BEGIN, "--no-proof", "--run", "unproved")
    assert json.loads(Path("unproved/best.json").read_text())["proof"] is None


def test_ctrl_c_says_how_to_go_on(actdsl):
    actdsl.evaluator.left = 7
    done = actdsl(*BEGIN, "--run", "a run", "--quiet")
    assert done.exit_code == 130
    assert done.stderr == (
        "stopped; nothing finished is lost. To go on: actdsl evolve --resume --run 'a run'\n"
    )
    actdsl.evaluator.left = 100
    resumed = actdsl("evolve", "--resume", "--run", "a run", "--json", "--quiet")
    assert json.loads(resumed.stdout)["evaluated"] == 20
    assert len(actdsl.evaluator.evaluated) == 21


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["evolve"], 2, "give a first parent with --seed"),
        (["report", "none"], 1, "error: none holds no run"),
        (["replay", "none"], 1, "error: none holds no run"),
        (["runs", "none"], 1, "error: none is no folder"),
        (["evolve", "--resume"], 2, "say with --run which run to resume"),
        (["evolve", "--resume", "--run", "none"], 1, "error: none holds no run"),
        (["evolve", "--seed", "relu", "--suite", "big"], 2, "use one of micro, smoke"),
        (["evolve", "--seed", "swiglu"], 1, "error: a seed is refused: gated: swiglu takes 2"),
        (["evolve", "--seed", "nothing"], 1, "error: 'nothing' is no .act file"),
        (["evolve", "--seed", "relu", "--run", "/dev/null/x"], 1, "error: cannot write /dev/null/"),
        (["lab", "swiglu"], 1, "error: swiglu takes 2 inputs; the lab's layers give an activation"),
        (["lab", "relu", "--suite", "big"], 2, "use one of micro, smoke, sealed"),
        (["lab"], 2, "name a file, an activation of the zoo, or zoo for all of it"),
        (["lab", "relu", "--plot", "p", "--task", "none"], 2, "has no task 'none': see --list"),
        (["lab", "relu", "--task", "none"], 2, "--task changes nothing without --plot: leave it"),
        (
            ["lab", "relu", "--device", "cuda", "--workers", "1"],
            2,
            "changes nothing on a GPU: leave",
        ),
        (["lab", "--list", "--suite", "nope"], 2, "use one of micro, smoke, sealed"),
        (["lab", "--list", "relu"], 2, "FILE|NAME... changes nothing beside --list: leave it out"),
        (["lab", "--list", "--task", "nope"], 2, "--task changes nothing beside --list"),
        (["lab", "--list", "--seeds", "1"], 2, "--seeds changes nothing beside --list"),
        (["evolve", "--seed", "relu", "--cluster", "a", "--workers", "2"], 2, "beside --cluster"),
        (["evolve", "--seed", "relu", "--run", ""], 2, "the value after --run is empty: give one"),
        (["compare-search", "--suite", "sealed"], 2, "use one of micro, smoke"),
        (["compare-search", "--base-url", "http://h"], 2, "--base-url is for a proposer openai:"),
        (["evolve", "--seed", "relu", "--suite", "sealed"], 2, "use one of micro, smoke"),
    ],
)
def test_mistakes_are_one_line(actdsl, monkeypatch, words, code, line):
    monkeypatch.setattr("actdsl.evolve.Workers", workers.Workers)
    done = actdsl(*words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_a_seed_with_errors_shows_its_diagnostics(actdsl):
    Path("bad.act").write_text("activation bad(x): return sinn(x)")
    done = actdsl("evolve", "--seed", "bad.act")
    assert done.exit_code == 1
    assert "did you mean" in done.stderr
    assert not Path("runs").exists()


def test_a_refused_seed_leaves_no_run(actdsl):
    begin = ("evolve", "--run", "run", "--suite", "smoke", "--candidates", "2", "--seed")
    assert actdsl(*begin, "swiglu").exit_code == 1
    assert not Path("run").exists()
    assert actdsl(*begin, "relu").exit_code == 0


def test_an_address_that_is_none_leaves_no_run(actdsl):
    pytest.importorskip("distributed", reason="needs Dask")
    done = actdsl("evolve", "--seed", "relu", "--cluster", "nonsense")
    assert done.exit_code == 1
    assert done.stderr == "error: 'nonsense' is no address such as tcp://host:8786\n"
    assert not Path("runs").exists()


def test_lab_scores_against_relu(actdsl):
    Path("wave.act").write_text("activation wave(x): return sin(2 * x)")
    done = actdsl("lab", "relu", "wave.act", "--suite", "smoke", "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (document["suite"], document["seeds"]) == (str(SUITES["smoke"]), [0])
    assert document["aggregate"] == "geomean"
    relu, wave = document["results"]
    assert relu.pop("nanoseconds") > 0
    assert relu.pop("wins")["relu"] == 0.5
    assert relu == {
        "name": "relu", "ratio": 1.0, "interval": [1.0, 1.0], "in_distribution": 1.0,
        "families": {"feynman": 1.0, "harmonic": 1.0, "polynomial": 1.0}, "diverged": 0.0,
        "flops": 1, "learnt": True, "value": 1.0, "value_interval": [1.0, 1.0], "error": "",
    }  # fmt: skip
    assert wave["name"] == "wave"
    assert wave["families"]["harmonic"] < 0.1 < wave["families"]["feynman"]


def test_lab_prints_a_table_sorted_by_ratio_and_progress_beside_it(actdsl):
    done = actdsl("lab", "relu", "tanh", "--suite", "smoke")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["activation", "tanh", "relu"]
    assert {line.split()[1] for line in done.stderr.splitlines()} == {"relu", "gelu", "tanh"}


def test_lab_ranks_by_what_it_is_asked_to(actdsl):
    done = actdsl("lab", "relu", "tanh", "--suite", "smoke", "--aggregate", "rank")
    assert done.stdout.splitlines()[0].split()[1:3] == ["mean", "rank"]


def test_lab_takes_the_whole_zoo_without_its_gated_units(actdsl):
    done = actdsl("lab", "zoo", "relu", "--suite", "smoke", "--json")
    names = [row["name"] for row in json.loads(done.stdout)["results"]]
    assert len(names) == len(set(names)) > 25
    assert {"gelu_sinc", "turbulent", "relu"} <= set(names)
    assert "swiglu" not in names


def test_lab_lists_its_suites_and_draws_their_tasks(actdsl):
    done = actdsl("lab", "--list", "--json")
    suites = json.loads(done.stdout)["suites"]
    assert [suite["suite"].partition("/")[0] for suite in suites] == ["micro", "smoke", "sealed"]
    assert "feynman/I.6.2" in {task["name"] for task in suites[0]["tasks"]}
    assert "feynman/I.6.2" in actdsl("lab", "--list").stdout
    sealed = json.loads(actdsl("lab", "--list", "--json", "--suite", "sealed").stdout)["suites"]
    assert sealed == suites[2:]
    hole = json.loads(actdsl("lab", "--list", "--json", "--ood", "hole").stdout)["suites"][1]
    assert hole["tasks"][0]["out_of_distribution"] == "hole"


def test_lab_draws_a_picture(actdsl):
    done = actdsl("lab", "relu", "tanh", "--suite", "smoke", "--plot", "there/lab.png")
    assert done.exit_code == 0
    assert Path("there/lab.png").read_bytes().startswith(b"\x89PNG")
    assert done.stderr.splitlines()[-1] == "plot: there/lab.png"


def test_lab_says_what_could_not_be_evaluated(actdsl):
    actdsl.evaluator.fails = "tanh"
    done = actdsl("lab", "relu", "tanh", "--suite", "smoke", "--json")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "error: tanh was not evaluated: ZeroDivisionError: as asked"
    )
    assert json.loads(done.stdout)["results"][1]["diverged"] == 1.0
