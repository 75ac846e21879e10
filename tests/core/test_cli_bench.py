"""``actdsl bench``: options, the document, the table, and errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import actdsl
from actdsl.backends import timing
from actdsl.backends.timing import Latency, Quartiles

from .command import run

QUICK = ("--ways", "actdsl,eager", "--seconds", "0")


def test_the_document(good: str) -> None:
    shown = run("bench", good, "relu", "--sizes", "2^6,100,2**7", *QUICK, "--json")
    assert shown.exit_code == 0, shown.exception
    document: dict[str, Any] = json.loads(shown.stdout)
    assert {key: document[key] for key in ("device", "threads", "unit", "absent")} == {
        "device": "cpu",
        "threads": 1,
        "unit": "s",
        "absent": {},
    }
    assert document["machine"]["versions"]["actdsl"]
    assert [row["name"] for row in document["results"]] == ["ripple", "relu"]
    for row in document["results"]:
        assert row["latency"] == {}
        assert [(c["size"], c["task"]) for c in row["cells"]] == [
            (size, task) for size in (64, 100, 128) for task in timing.TASKS
        ]
        for cell in row["cells"]:
            assert {result["way"] for result in cell["results"]} == {"actdsl", "eager"}
            assert cell["share"].keys() == {"actdsl", "eager"}
            assert all(result["time"]["runs"] >= 5 for result in cell["results"])
    assert "ripple: 100 elements\n" in shown.stderr


def test_one_size_and_the_table() -> None:
    shown = run("bench", "relu", "--size", "64", *QUICK)
    assert shown.exit_code == 0, shown.exception
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("float32 on cpu, 1 thread(s)")
    assert [line.split()[:2] for line in lines if line.startswith("relu")] == [["relu", "64"]] * 2


def test_zoo_is_everything() -> None:
    shown = run("bench", "zoo", "--size", "64", "--ways", "eager", "--seconds", "0", "--json")
    assert shown.exit_code == 0, shown.exception
    assert [row["name"] for row in json.loads(shown.stdout)["results"]] == list(actdsl.zoo)


def test_a_plot(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    shown = run("bench", "relu", "--size", "64", *QUICK, "--plot", str(target), "--json")
    assert json.loads(shown.stdout)["results"]
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_plot_that_cannot_be_written(tmp_path: Path) -> None:
    target = tmp_path / "no" / "such.png"
    shown = run("bench", "relu", "--size", "64", *QUICK, "--plot", str(target))
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert f"error: cannot write {target}" in shown.stderr


def test_latency_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def compile_latency(program: Any) -> dict[str, Latency]:
        asked.append(program.name)
        return {"actdsl": Latency(*(Quartiles(t, t, t, 3) for t in (3.0, 2.0, 1.0)))}

    monkeypatch.setattr(timing, "compile_latency", compile_latency)
    arguments = ("bench", "relu", "tanh", "--size", "64", *QUICK, "--latency")
    rows = json.loads(run(*arguments, "--json").stdout)["results"]
    assert asked == ["relu", "tanh"]
    assert rows[1]["latency"]["actdsl"]["following"]["median"] == 2.0
    assert "3.00s ±0%" in run(*arguments).stdout


def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actdsl.backends.timing.ways.find_spec", lambda name: None)
    arguments = ("bench", "relu", "--size", "64", "--ways", "actdsl,jax", "--seconds", "0")
    shown = run(*arguments, "--json")
    assert shown.exit_code == 0, shown.exception
    assert json.loads(shown.stdout)["absent"].keys() == {"jax"}
    assert "note: jax is left out: JAX is not installed: pip install 'actdsl[jax]'" in shown.stderr


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--sizes", "2^10,many", "'many' is not a number of elements such as 1000 or 2^20"),
        ("--size", "0", "'0' is not between 1 and 2^30"),
        ("--size", "2^99999", "'2^99999' is not between 1 and 2^30"),
        ("--ways", "actdsl,tvm", "there is no way 'tvm': use some of actdsl,actdsl-fast,eager"),
        ("--threads", "0", "x>=1"),
        ("--seconds", "-1", "x>=0"),
    ],
)
def test_wrong_usage(option: str, value: str, says: str) -> None:
    shown = run("bench", "relu", option, value)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert says in " ".join(shown.stderr.split())


def test_a_way_named_twice_is_timed_once() -> None:
    shown = run(
        "bench", "relu", "--size", "64", "--ways", "eager,eager", "--seconds", "0", "--json"
    )
    (row,) = json.loads(shown.stdout)["results"]
    assert all(len(cell["results"]) == 1 for cell in row["cells"])


def test_one_size_or_several() -> None:
    shown = run("bench", "relu", "--size", "64", "--sizes", "64,128")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "--sizes changes nothing beside --size: leave it out" in shown.stderr


def test_errors_of_a_user(bad: str) -> None:
    assert "error[E0302]" in run("bench", bad).stderr
    unknown = run("bench", "gellu")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "did you mean 'gelu'?" in unknown.stderr


def test_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    shown = run("bench", "relu", "--device", "cuda")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr == "error: there is no CUDA device here: use --device cpu\n"
