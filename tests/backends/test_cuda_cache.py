"""CUDA kernels on disk: found by the next process, never trusted blindly, for as many as come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cuda_compilation
import pytest

pytest.importorskip("numba_cuda", reason="needs numba-cuda")


def script(folder: Path, *arguments: str) -> Any:
    """What ``tests/cuda_compilation.py`` answers in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", cuda_compilation.__file__, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ACTDSL_CACHE_DIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def answer(folder: Path) -> Any:
    return script(folder)


def test_what_was_compiled_once_is_loaded(answer: Any, folder: Path) -> None:
    assert answer["first"]["compilations"] == 1
    loaded = {"compilations": 0, "code": answer["first"]["code"]}
    assert answer["again"] == loaded
    assert script(folder, "first") == loaded


@pytest.mark.parametrize("damage", ["cut short", "one bit"])
def test_a_damaged_entry_is_rebuilt(answer: Any, damage: str) -> None:
    assert answer[damage] == {**answer["first"], "mended": answer["again"]}


def test_processes_may_share_the_folder(answer: Any) -> None:
    found = answer["at once"]
    assert {each["code"] for each in found} == {answer["first"]["code"]}
    assert 1 <= sum(each["compilations"] for each in found) <= cuda_compilation.PROCESSES
    assert answer["files"] == [".kernel"]


@pytest.mark.parametrize("other", ["float16", "fast"])
def test_another_type_and_another_arithmetic_are_other_kernels(answer: Any, other: str) -> None:
    assert answer[other]["compilations"] == 1
    assert answer[other]["code"] != answer["first"]["code"]
