"""The verbs beside check: fmt, show, compile, zoo, doctor, explain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import actdsl

from .command import run, saved

# fmt.

UNTIDY = "activation f ( x ) :  # here\n  return x*2+  (1)"
TIDY = "activation f(x):  # here\n    return x * 2 + 1\n"


def test_fmt_rewrites_once(tmp_path: Path) -> None:
    path = saved(tmp_path, "f.act", UNTIDY)
    first = run("fmt", path)
    assert (first.exit_code, first.stdout, first.stderr) == (0, "", f"reformatted {path}\n")
    assert Path(path).read_text() == TIDY
    second = run("fmt", path)
    assert (second.exit_code, second.stdout, second.stderr) == (0, "", "")


def test_fmt_check_changes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, "f.act", UNTIDY)
    shown = run("fmt", "--check", path)
    assert (shown.exit_code, shown.stdout, shown.stderr) == (1, "", f"would reformat {path}\n")
    assert Path(path).read_text() == UNTIDY
    assert run("fmt", "--check", saved(tmp_path, "tidy.act", TIDY)).exit_code == 0


def test_fmt_reads_stdin() -> None:
    shown = run("fmt", "-", stdin=UNTIDY)
    assert (shown.exit_code, shown.stdout) == (0, TIDY)
    assert run("fmt", "--check", "-", stdin=UNTIDY).exit_code == 1
    assert run("fmt", "--check", "-", stdin=TIDY).exit_code == 0


def test_fmt_of_stdin_that_is_no_text() -> None:
    shown = run("fmt", "-", stdin=b"\xff\xfe")
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SystemExit)


def test_fmt_of_a_text_without_a_tree(tmp_path: Path) -> None:
    broken = saved(tmp_path, "broken.act", "activation f(x): return (x")
    path = saved(tmp_path, "f.act", UNTIDY)
    shown = run("fmt", broken, path)
    assert shown.exit_code == 1
    assert "error[" in shown.stderr
    assert Path(broken).read_text() == "activation f(x): return (x"
    assert Path(path).read_text() == TIDY


# show.


def test_show_of_a_name_and_of_a_file(good: str) -> None:
    for name, activation in (("gelu_sinc", actdsl.zoo["gelu_sinc"]), (good, actdsl.load(good))):
        shown = run("show", name)
        assert shown.exit_code == 0
        assert shown.stdout.startswith(activation.text)
        assert f"LaTeX       {activation.latex()}" in shown.stdout
        assert "d/dx" in shown.stdout
        assert f"cost        {activation.flops} FLOPs per element" in shown.stdout
        assert f"hash        {activation.hash}" in shown.stdout


def test_show_of_a_gated_unit_has_two_derivatives() -> None:
    lines = run("show", "swiglu").stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("d/d")] == ["d/dx", "d/dgate"]


@pytest.mark.parametrize("written", ["x * (1 / 0)", "x * (0 / 0)", "mean(x) * std(x)"])
def test_show_of_odd_functions(written: str, tmp_path: Path) -> None:
    shown = run("show", saved(tmp_path, "odd.act", f"activation odd(x): return {written}\n"))
    assert shown.exit_code == 0, shown.exception


def test_show_draws(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    assert run("show", "gelu", "--plot", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"\x89PNG")


def test_show_simplified(tmp_path: Path) -> None:
    path = saved(tmp_path, "f.act", "activation f(x): return sin(x)**2 + cos(x)**2 + x\n")
    assert "    return 1 + x\n" in run("show", path, "--simplify").stdout


@pytest.mark.parametrize("verb", [["show"], ["compile", "--backend", "torch"]])
def test_an_unknown_name(verb: list[str]) -> None:
    shown = run(*verb, "turbulant")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr == (
        "error: 'turbulant' is no .act file and not in the zoo: "
        "did you mean 'turbulent'? see `actdsl zoo`\n"
    )


@pytest.mark.parametrize("verb", [["show"], ["compile", "--backend", "torch"]])
def test_a_file_with_errors(verb: list[str], bad: str) -> None:
    shown = run(*verb, bad)
    assert isinstance(shown.exception, SystemExit), shown.exception
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "error[E0302]" in shown.stderr


@pytest.mark.parametrize("verb", [["show"], ["compile", "--backend", "torch"]])
def test_a_file_that_is_not_there(verb: list[str], tmp_path: Path) -> None:
    shown = run(*verb, str(tmp_path / "none.act"))
    assert isinstance(shown.exception, SystemExit), shown.exception
    assert shown.exit_code == 1
    assert "E0106" in shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [["show", "gelu", "--plot"], ["compile", "gelu", "--backend", "torch", "-o"]],
    ids=["show", "compile"],
)
def test_a_target_that_cannot_be_written(arguments: list[str], tmp_path: Path) -> None:
    shown = run(*arguments, str(tmp_path / "no" / "such" / "folder.png"))
    assert isinstance(shown.exception, SystemExit), shown.exception
    assert shown.exit_code == 1
    assert shown.stderr.startswith("error: cannot write")


# compile.


@pytest.mark.parametrize("backend", ["torch", "numba", "cuda", "jax"])
def test_compile_writes_the_source(backend: str, good: str, tmp_path: Path) -> None:
    shown = run("compile", good, "--backend", backend)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == actdsl.load(good).source(backend)
    compile(shown.stdout, "generated", "exec")
    assert "import actdsl" not in shown.stdout
    assert "Ripples help." in shown.stdout
    assert actdsl.load(good).hash in shown.stdout
    target = tmp_path / "out.py"
    written = run("compile", good, "--backend", backend, "-o", str(target))
    assert (written.exit_code, written.stdout, written.stderr) == (0, "", f"wrote {target}\n")
    assert target.read_text() == shown.stdout


def test_approximations_are_for_cuda(good: str) -> None:
    plain, fast = (run("compile", good, "--backend", "cuda", *more) for more in ((), ("--fast",)))
    assert (plain.exit_code, fast.exit_code) == (0, 0)
    assert plain.stdout != fast.stdout
    refused = run("compile", good, "--backend", "torch", "--fast")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "the torch backend has no approximations: --fast is for cuda" in refused.stderr


# zoo, doctor, explain.


def test_zoo_lists_everything() -> None:
    shown = run("zoo")
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[1:] if line[:1].strip()] == list(
        actdsl.zoo
    )


def test_zoo_json() -> None:
    rows: list[dict[str, Any]] = json.loads(run("zoo", "--json").stdout)["activations"]
    assert [row["name"] for row in rows] == list(actdsl.zoo)
    relu = next(row for row in rows if row["name"] == "relu")
    assert (relu["kind"], relu["flops"]) == ("pointwise", 1)


def test_doctor_finds_what_is_here() -> None:
    shown = run("doctor", "--json")
    assert (shown.exit_code, shown.stderr) == (0, "")
    findings = {f["what"]: f for f in json.loads(shown.stdout)["findings"]}
    for what in ("python", "torch", "numba", "numpy", "sympy", "lark", "numba kernels"):
        assert findings[what]["works"], what
    for extra in ("cuda", "jax", "llm", "remote", "cluster"):
        assert (
            findings[extra]["works"]
            or f"pip install 'actdsl[{extra}]'" in findings[extra]["detail"]
        )
    lines = run("doctor").stdout.splitlines()
    assert len(lines) == len(findings)
    assert all(line.startswith(("ok  ", "--  ")) for line in lines)


def test_explain() -> None:
    shown = run("explain", "e0302")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.startswith("E0302: ")
    unknown = run("explain", "E9999")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr == "error: there is no code 'E9999': codes look like E0301 and W0001\n"
