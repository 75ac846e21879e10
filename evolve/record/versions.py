"""What a run's numbers rest on: this project, the lab, Python, packages, the processor, the model."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from llvmlite import binding

from actdsl.evolve.lab import SUITES, TRAINER_VERSION
from actdsl.evolve.proposers.local_model import bundled_model
from actdsl.evolve.settings import Settings
from actdsl.version import VERSION

_PACKAGES = ("llvmlite", "numba", "numpy", "scipy")
_MODELS = {"llama": "llama-cpp-python", "openai": "openai"}
"""What each kind of model is reached through."""


def versions(settings: Settings) -> dict[str, str]:
    """By name; of a model in a file, its SHA-256. What is not installed here is left out."""
    return {
        "actdsl": VERSION,
        **lab_versions(settings),
        "python": platform.python_version(),
        "processor": binding.get_host_cpu_name(),
        **{name: version(name) for name in _PACKAGES},
        **dict(_of_models(settings.proposer)),
    }


def lab_versions(settings: Settings) -> dict[str, str]:
    """Of what losses have to share to compare."""
    return {"suite": str(SUITES[settings.suite]), "trainer": str(TRAINER_VERSION)}


def _of_models(proposers: str) -> Iterator[tuple[str, str]]:
    for name in proposers.split(","):
        kind, _, which = name.strip().partition(":")
        if kind not in _MODELS:
            continue
        try:
            yield _MODELS[kind], version(_MODELS[kind])
        except PackageNotFoundError:
            continue  # a run is repeated without the model
        if kind == "llama":
            yield from _of_file(Path(which) if which else bundled_model())


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_file():
        yield f"{path.name}, SHA-256", _digest(path)


@cache
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
