"""Candidates compared as one population; on the CPU, where that is no quicker."""

from __future__ import annotations

import json

import pytest
import torch
from click.testing import CliRunner

from actdsl.backends.timing import threads
from actdsl.cli.group import group
from actdsl.evolve.comparison import compare
from actdsl.evolve.evaluation import device as module
from actdsl.evolve.evaluation.device import Device, check_device
from actdsl.evolve.evaluation.evaluator import Job, measure
from actdsl.evolve.lab import SUITES, LossCache, population
from actdsl.grammar import parse

SMOKE = SUITES["smoke"]
TEXTS = [
    "activation a(x): return gelu(x)",
    "activation b(x): param p = 0.5 in [0, 1] return tanh(p * x)",
    "activation c(x): return x * sigmoid(x - mean(x))",
]


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    """A cache that is empty at first, and one thread, as so small tensors only lose by more."""
    path = tmp_path / "lab.sqlite"
    monkeypatch.setattr(LossCache, "default", lambda _device="cpu": LossCache(path))
    with threads(1):
        yield


@pytest.fixture
def trained(monkeypatch):
    """How many candidates each population that is trained has."""
    counts = []

    def watched(kernels, *arguments):
        counts.append(len(kernels))
        return real(kernels, *arguments)

    real = population.evaluate_all
    monkeypatch.setattr(population, "evaluate_all", watched)
    return counts


def test_outcomes_are_those_of_single_evaluations(trained):
    found = dict(Device(SMOKE, "cpu").outcomes(TEXTS, (0,)))
    assert sorted(found) == [0, 1, 2]
    for index, text in enumerate(TEXTS):
        alone = measure(Job(text, SMOKE, (0,), anew=True)).losses
        for part in ("validation", "ood"):
            assert found[index].losses[part] == [
                pytest.approx(losses, rel=0.02) for losses in alone[part]
            ]
    assert trained == [3]


def test_what_is_known_is_not_trained_again(trained):
    evaluator = Device(SMOKE, "cpu")
    first = dict(evaluator.outcomes(TEXTS[:2], (0,)))
    again = dict(evaluator.outcomes(TEXTS, (0,)))
    assert trained == [2, 1]
    assert {index: again[index].losses for index in first} == {
        index: outcome.losses for index, outcome in first.items()
    }


def test_failures_are_each_their_own(monkeypatch):
    real = population.evaluate_all

    def without_tanh(kernels, *arguments):
        if any("tanh" in kernel.layer.program.text for kernel in kernels):
            raise ZeroDivisionError("as asked")
        return real(kernels, *arguments)

    monkeypatch.setattr(population, "evaluate_all", without_tanh)
    found = dict(Device(SMOKE, "cpu").outcomes([*TEXTS, "activation d(x): return"], (0,)))
    assert found[1].error == "ZeroDivisionError: as asked"
    assert found[3].error.startswith("SourceError")
    assert found[0].losses
    assert found[2].losses


def test_it_compares(trained):
    entries = compare([parse(text).program for text in TEXTS], Device(SMOKE, "cpu"), SMOKE, (0,))
    assert trained == [4]  # with ReLU
    assert [entry.error for entry in entries] == [""] * 3


def test_losses_of_devices_are_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "A device")
    program = parse(TEXTS[0]).program
    here, there = (LossCache(tmp_path / "lab.sqlite", name) for name in ("cpu", "cuda"))
    assert dict(Device(SMOKE, "cpu").outcomes(TEXTS[:1], (0,)))[0].losses
    assert here.get(program, SMOKE, [0], exact=True)
    assert not there.get(program, SMOKE, [0], exact=True)


@pytest.mark.parametrize(
    ("devices", "installed", "line"),
    [
        (False, True, "there is no CUDA device here: use --device cpu"),
        (True, False, r"training on a GPU needs numba-cuda: pip install 'actdsl\[cuda\]'"),
    ],
)
def test_without_a_gpu_one_is_told(monkeypatch, devices, installed, line):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: devices)
    monkeypatch.setattr(module, "find_spec", lambda _: installed or None)
    with pytest.raises(module.ActdslError, match=f"^{line}$"):
        check_device()


def test_the_verb_trains_on_it(monkeypatch):
    monkeypatch.setattr(module, "check_device", lambda: None)
    monkeypatch.setattr(module, "Device", lambda suite: Device(suite, "cpu"))
    words = ["lab", "gelu", "tanh", "--device", "cuda", "--suite", "smoke", "--json"]
    done = CliRunner().invoke(group, words)
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["device"] == "cuda"
    assert [entry["name"] for entry in document["results"]] == ["gelu", "tanh"]
    assert "  3/3  " in done.stderr  # ReLU is among them


def test_the_verb_says_that_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = CliRunner().invoke(group, ["lab", "relu", "--device", "cuda"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: there is no CUDA device here: use --device cpu\n"
