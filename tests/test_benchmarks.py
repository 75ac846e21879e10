"""The benchmark scripts run, keep what they measured, and can show it again."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import actdsl
from actdsl.evolve import Candidate, RunDirectory, Settings, Status
from actdsl.evolve.lab import SUITES, evaluate, lab_kernel
from actdsl.evolve.proposers import Exchange, Proposal
from actdsl.evolve.proposers.endpoint.fenced import program_in
from actdsl.grammar import parse

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
BANDIT, LOT = "grammar and slow random, bandit", "grammar and slow random, by lot"


def shown(script: str, *arguments: str) -> str:
    """What a script prints."""
    command = [sys.executable, "-P", str(BENCHMARKS / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def loaded(script: str) -> Any:
    """A script as a module."""
    spec = spec_from_file_location(f"benchmark_{Path(script).stem}", BENCHMARKS / script)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(text: str, name: str) -> list[list[str]]:
    """The rows of Markdown tables that begin with a name."""
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()]
    return [row for row in cells if row[0] == name]


@pytest.mark.slow
def test_kernels(tmp_path: Path) -> None:
    output = tmp_path / "results" / "kernels.json"
    first = shown(
        *("kernels.py", "--names", "gelu_sine,swiglu", "--size", "4096", "--seconds", "0"),
        *("--output", str(output)),
    )
    document = json.loads(output.read_text())
    assert document.keys() == {"date", "machine", "kernels", "threads", "overhead"}
    assert list(document["kernels"]) == ["gelu_sine", "swiglu"]
    assert list(document["threads"]) == ["copy", "gelu_sine", "swiglu"]
    both, forward, threads = rows(first, "gelu_sine")
    assert len(both) == len(forward) == 11
    assert len(threads) == 4
    assert "- actdsl, mined functions against eager, by functions: geometric mean" in first
    assert shown("kernels.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_latency(tmp_path: Path) -> None:
    output = tmp_path / "latency.json"
    first = shown("latency.py", "--names", "relu", "--runs", "1", "--output", str(output))
    assert list(json.loads(output.read_text())["latency"]) == ["relu"]
    (relu,), (median,) = rows(first, "relu"), rows(first, "**median**")
    assert relu[1:] == median[1:]
    assert shown("latency.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_lab_ranking(tmp_path: Path) -> None:
    output = tmp_path / "ranking.json"
    some = ("--suite", "smoke", "--seeds", "1", "--names", "gelu,tanh", "--output", str(output))
    first = shown("lab_ranking.py", *some)
    document = json.loads(output.read_text())
    assert {row["name"] for row in document["zoo"]} == {"relu", "gelu", "tanh"}
    assert document["agreement"].keys() == {"geomean", "mean", "rank"}
    assert len(rows(first, "as it is")) == 3
    assert shown("lab_ranking.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_racing(tmp_path: Path) -> None:
    output = tmp_path / "racing.json"
    first = shown("racing.py", "--suite", "smoke", "--candidates", "30", "--output", str(output))
    document = json.loads(output.read_text())
    assert (document["candidates"], document["best"]) == (30, 1)
    assert len(document["saved"]) == len(document["missed"]) == document["orders"]
    ((_, saved),) = rows(first, "full cost against cost in a race")
    assert float(saved.rstrip("x")) >= 1
    assert shown("racing.py", "--show", "--output", str(output)) == first


@pytest.mark.slow
def test_search_ablation(tmp_path: Path) -> None:
    output = tmp_path / "ablation.json"
    some = ("--landscape", "--candidates", "14", "--runs", "2", "--only", "all", "--only", LOT)
    some = (*some, "--only", BANDIT, "--only", "duplicates paid for", "--only", "no tuning")
    table = shown("search_ablation.py", *some, "--folder", str(tmp_path), "--output", str(output))
    document = json.loads(output.read_text())
    assert (document["on"], document["candidates"]) == ("landscape", 14)
    assert {result["evaluated"] for result in document["results"]} == {14}
    assert [row[1] for row in rows(table, LOT)] == [BANDIT]
    assert [row[1] for row in rows(table, "no tuning")] == ["all"]
    assert shown("search_ablation.py", "--show", "--output", str(output)) == table


@pytest.mark.slow
def test_the_search_against_openevolve_but_for_openevolve(tmp_path: Path) -> None:
    output = tmp_path / "openevolve.json"
    some = ("--only", "actdsl", "--suite", "smoke", "--candidates", "5", "--rounds", "1")
    table = shown("openevolve.py", *some, "--latency", "0", "--output", str(output))
    (run,) = json.loads(output.read_text())["runs"]["actdsl"]
    assert run["evaluated"] == 6
    assert [row[1] for row in rows(table, "actdsl")] == ["6"]
    assert shown("openevolve.py", "--show", "--output", str(output)) == table


def test_openevolve_is_handed_the_functions_and_the_networks_that_actdsl_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark, evaluator = loaded("openevolve.py"), loaded("openevolve/evaluator.py")
    benchmark._write_tasks(tmp_path / "tasks.npz", "smoke", 2)
    monkeypatch.setenv("BENCHMARK_TASKS", str(tmp_path / "tasks.npz"))
    monkeypatch.setenv("BENCHMARK_LOG", str(tmp_path / "log"))
    openai = pytest.importorskip("openai")
    suite = SUITES["smoke"]
    answers = {}
    for form in (benchmark.as_act, benchmark.as_python):
        with benchmark.serving(form, latency=0.0, seed=5) as url:
            client = openai.OpenAI(base_url=url, api_key="none")
            answers[form.__name__] = [
                client.chat.completions.create(model="benchmark", messages=[])
                .choices[0].message.content
                for _ in range(4)
            ]  # fmt: skip
    for text, python in zip(*answers.values(), strict=True):
        program = parse(program_in(text)).program
        path = tmp_path / "candidate.py"
        path.write_text(python.split("```python\n")[1].removesuffix("```\n"))
        ours = evaluate(lab_kernel(program, suite.recipe.width), suite, (0, 1)).ood
        score = evaluator.evaluate(str(path))["combined_score"]
        assert score == pytest.approx(-np.log(ours).mean(), rel=1e-3)
    assert len((tmp_path / "log").read_text().splitlines()) == 4


@pytest.mark.slow
@pytest.mark.skipif(find_spec("distributed") is None, reason="needs Dask")
def test_cluster_scaling(tmp_path: Path) -> None:
    output = tmp_path / "cluster.json"
    some = ("--candidates", "5", "--rounds", "1", "--suite", "smoke", "--output", str(output))
    table = shown("cluster_scaling.py", *some)
    assert {k: len(v) for k, v in json.loads(output.read_text())["seconds"].items()} == {
        "1": 1, "2": 1
    }  # fmt: skip
    assert rows(table, "two against one")[0][2].endswith("x")


def test_a_contest_is_shown_with_its_control_and_its_verdicts() -> None:
    table = shown("compare_search.py", "--show")
    assert [row[3] for row in rows(table, "random")] == ["1"]
    assert "- llama against random: " in table


def test_a_local_models_run_is_counted(tmp_path: Path) -> None:
    settings = Settings((actdsl.zoo["relu"].text,), 10, proposer="llama", suite="smoke")
    good = actdsl.zoo["tanh"].text
    directory = RunDirectory.begin(tmp_path / "run", settings, "")
    with closing(directory.store) as store:
        answers = {1: (good,), 2: ("activation f(x): return si", good), 3: ("activation f(",)}
        for number, texts in answers.items():
            turns = tuple(Exchange("", text) for text in texts)
            troubles = ("half answer",) * (number == 2)
            store.log(
                number,
                Proposal(texts[-1], "few-shot", (), "llama", exchanges=turns, troubles=troubles),
            )
            status = Status.REFUSED if number == 3 else Status.FAILED
            store.record(
                Candidate(number, 0, texts[-1], "few-shot", status=status, reason="known: f")
            )
    found = loaded("local_model.py").figures(tmp_path / "run")
    counts = {key: found[key] for key in ("answers", "complete", "parse", "new", "proposals")}
    assert counts == {"answers": 4, "complete": 3, "parse": 2, "new": 2, "proposals": 3}
    table = loaded("local_model.py").tables(found)["run"]
    assert rows(table, "complete answers that parse")[0][1] == "2 of 3, 66.7%"
    assert rows(table, "refused")[0][1] == "1 known"
