"""The command line: exit codes, what stands on stdout, what stands on stderr."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import actdsl

from .command import run, saved

DIAGNOSTIC_KEYS = {
    "code",
    "severity",
    "message",
    "line",
    "column",
    "end_line",
    "end_column",
    "help",
}
VERBS = (
    "check", "fmt", "show", "compile", "bench", "lab", "evolve", "runs", "report", "replay",
    "compare-search", "zoo", "doctor", "explain",
)  # fmt: skip
FILE_KEYS = {"file", "ok", "name", "kind", "flops", "hash", "params", "diagnostics"}


# The group.


def test_help_names_every_verb() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in shown.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    shown = run(verb, "--help")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: group {verb}")


def test_version() -> None:
    from importlib.metadata import version

    assert run("--version").stdout == f"actdsl, version {version('actdsl')}\n"


def test_the_package_is_a_program_too() -> None:
    called = subprocess.run(
        [sys.executable, "-P", "-m", "actdsl", "zoo", "--help"], capture_output=True, text=True
    )
    assert called.returncode == 0
    assert called.stdout.startswith("Usage: actdsl zoo")


@pytest.mark.parametrize(
    "arguments",
    [
        ["chekc"],
        ["check"],
        ["check", "--max-flops", "many", "x.act"],
        ["fmt"],
        ["show"],
        ["compile", "gelu"],
        ["compile", "gelu", "--backend", "tpu"],
        ["compile", "gelu", "--backend", "torch", "--emit", "ptx"],
        ["compile", "gelu", "--backend", "cuda", "--emit", "ptx", "--cc", "nine"],
        ["explain"],
        ["compile", "gelu", "--backend", "numba", "--dtype", "float16"],
        ["zoo", "--no-such-option"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert "Usage: " in shown.stderr


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["check", ""], "check"),
        (["check", "--max-flops", "", "f.act"], "--max-flops"),
        (["show", "gelu", "--plot="], "--plot="),
        (["compile", "gelu", "--backend", "torch", "-o", ""], "-o"),
        (["bench", "gelu", "--ways", ""], "--ways"),
        (["bench", "gelu", "--size", ""], "--size"),
        (["lab", "--suite", "", "--list"], "--suite"),
        (["evolve", "--seed", "", "--resume"], "--seed"),
        (["runs", ""], "runs"),
        (["report", "run", "--compare", ""], "--compare"),
    ],
)
def test_an_empty_value_is_not_taken_for_the_default(words: list[str], after: str) -> None:
    shown = run(*words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert f"Usage: group {words[0]} " in shown.stderr
    line = f"Error: the value after {after} is empty: give one, or leave it out\n"
    assert shown.stderr.endswith(line)


def test_the_console_script_runs() -> None:
    shown = subprocess.run(
        [sys.executable, "-P", "-c", "from actdsl.cli import main; main()", "explain", "E0302"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0
    assert shown.stdout.startswith("E0302: ")
    assert shown.stderr == ""


# check.


def test_check_tells_the_facts(good: str) -> None:
    shown = run("check", good)
    assert shown.exit_code == 0
    activation = actdsl.load(good)
    assert shown.stderr == ""
    assert shown.stdout == (
        f"ripple(x): pointwise, {activation.flops} FLOPs, 2 transcendental, shape in = shape out, "
        f"param a = 0.5, {activation.hash}\n"
    )


def test_check_json_is_the_documented_document(good: str, bad: str) -> None:
    shown = run("check", "--json", good, bad)
    assert shown.exit_code == 1
    assert shown.stderr == ""
    first, second = json.loads(shown.stdout)["files"]
    assert first.keys() >= FILE_KEYS <= second.keys()
    activation = actdsl.load(good)
    assert (first["file"], first["ok"], first["name"]) == (good, True, "ripple")
    assert (first["kind"], first["flops"], first["hash"]) == (
        "pointwise",
        activation.flops,
        activation.hash,
    )
    assert first["params"] == [
        {"name": "a", "initial": 0.5, "lower": 0.0, "upper": 1.0, "per_channel": True}
    ]
    assert first["diagnostics"] == []
    assert (second["ok"], second["name"], second["flops"], second["params"]) == (
        False,
        None,
        None,
        [],
    )
    for found in second["diagnostics"]:
        assert found.keys() >= DIAGNOSTIC_KEYS
        assert found["severity"] == "error"
    places = [
        (d["code"], d["line"], d["column"], d["end_line"], d["end_column"])
        for d in second["diagnostics"]
    ]
    assert places == [("E0302", 2, 12, 2, 16), ("E0301", 2, 22, 2, 23)]
    assert "gelu" in second["diagnostics"][0]["help"]


def test_check_of_a_bad_file(bad: str) -> None:
    shown = run("check", bad)
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert f"--> {bad}:2:12" in shown.stderr
    assert "^^^^" in shown.stderr
    assert "E0301" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_check_goes_on_after_a_bad_file(good: str, bad: str) -> None:
    shown = run("check", bad, good)
    assert shown.exit_code == 1
    assert shown.stdout.startswith("ripple(x): pointwise")


@pytest.mark.parametrize("name", ["none.act", "."])
def test_check_of_an_unreadable_file(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    shown = run("check", "--json", path)
    assert shown.exit_code == 1
    (entry,) = json.loads(shown.stdout)["files"]
    assert (entry["ok"], entry["diagnostics"][0]["code"]) == (False, "E0106")
    plain = run("check", path)
    assert plain.exit_code == 1
    assert "E0106" in plain.stderr


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\0", b"", b"x" * 70_000])
def test_check_of_bytes_that_are_no_program(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "noise.act"
    path.write_bytes(content)
    shown = run("check", "--json", str(path))
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SystemExit)
    assert json.loads(shown.stdout)["files"][0]["diagnostics"]


def test_a_budget_is_an_error(good: str) -> None:
    flops = actdsl.load(good).flops
    assert run("check", "--max-flops", str(flops), good).exit_code == 0
    shown = run("check", "--json", "--max-flops", str(flops - 1), good)
    assert shown.exit_code == 1
    (entry,) = json.loads(shown.stdout)["files"]
    assert entry["ok"] is False
    assert entry["flops"] == flops
    (found,) = entry["diagnostics"]
    assert found["severity"] == "error"
    assert str(flops) in found["message"]
    assert str(flops - 1) in found["message"]
    assert actdsl.grammar.explain(found["code"])


@pytest.mark.parametrize(
    ("written", "what"),
    [("log(x)", "logarithm"), ("1 / x", "division by zero"), ("exp(x)", "overflows float16")],
)
def test_hazards_are_warnings(written: str, what: str, tmp_path: Path) -> None:
    path = saved(tmp_path, "risky.act", f"activation risky(x):\n    return {written}\n")
    shown = run("check", "--json", path)
    assert shown.exit_code == 0
    (entry,) = json.loads(shown.stdout)["files"]
    assert entry["ok"] is True
    found = entry["diagnostics"][0]
    assert found["severity"] == "warning"
    assert found["code"].startswith("W")
    assert what in found["message"]
    assert "x = " in found["message"]
    assert (found["line"], found["column"]) == (2, 12)
    assert "warning[W" in run("check", path).stderr


def test_a_hazard_inside_a_function_points_at_the_source(tmp_path: Path) -> None:
    text = "def inverse(u) = 1 / u\n\nactivation f(x):\n    return inverse(x - 3)\n"
    (entry,) = json.loads(run("check", "--json", saved(tmp_path, "f.act", text)).stdout)["files"]
    (found,) = entry["diagnostics"]
    assert (found["line"], found["end_line"]) in [(1, 1), (4, 4)]


@pytest.mark.parametrize("name", actdsl.zoo)
def test_everything_in_the_zoo_checks(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path, f"{name}.act", actdsl.zoo[name].text)
    shown = run("check", "--json", path)
    assert shown.exit_code == 0
    (entry,) = json.loads(shown.stdout)["files"]
    assert (entry["name"], entry["hash"]) == (name, actdsl.zoo[name].hash)
