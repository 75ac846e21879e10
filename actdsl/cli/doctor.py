"""``actdsl doctor``: what works here."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import click

from actdsl.cli.options import json_option


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    works: bool
    what: str
    detail: str


@click.command()
@json_option
def doctor(as_document: bool) -> None:
    """What works on this machine, and what to install for the rest."""
    import json
    from dataclasses import asdict

    findings = [_python(), *_packages(), _cpu_kernels(), _gpu(), *_extras()]
    if as_document:
        click.echo(json.dumps({"findings": [asdict(f) for f in findings]}, indent=2))
        return
    for finding in findings:
        click.echo(f"{'ok ' if finding.works else '-- '} {finding.what:<18} {finding.detail}")


def _python() -> Finding:
    return Finding(True, "python", f"{platform.python_version()} on {platform.machine()}")


def _packages() -> list[Finding]:
    return [
        Finding(True, name, version(name))
        for name in ("actdsl", "torch", "numba", "numpy", "sympy", "lark")
    ]


def _cpu_kernels() -> Finding:
    import numpy as np

    from actdsl.api import zoo

    value = float(zoo["gelu"](np.array([1.0]))[0])
    right = abs(value - 0.8413447460685429) < 1e-14
    return Finding(
        right, "numba kernels", "gelu(1) = 0.84134..." if right else f"gelu(1) = {value}"
    )


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        return Finding(True, "CUDA device", f"{name}; actdsl lab --device cuda trains on it")
    return Finding(
        False, "CUDA device", "none that torch can see; CPU kernels work, PTX can be written"
    )


def _extras() -> list[Finding]:
    rows = {
        "cuda": ("numba_cuda", "numba-cuda", "CUDA kernels and PTX"),
        "jax": ("jax", "jax", "the jax backend"),
        "llm": ("llama_cpp", "llama-cpp-python", "a local language model in the search"),
        "remote": ("openai", "openai", "a remote language model in the search"),
        "cluster": ("distributed", "distributed", "evaluation on many machines"),
    }
    return [_extra(extra, *row) for extra, row in rows.items()]


def _extra(extra: str, module: str, package: str, purpose: str) -> Finding:
    if find_spec(module) is None:
        return Finding(False, extra, f"{purpose}: pip install 'actdsl[{extra}]'")
    try:
        return Finding(True, extra, f"{purpose}: {package} {version(package)}")
    except PackageNotFoundError:
        return Finding(True, extra, purpose)
