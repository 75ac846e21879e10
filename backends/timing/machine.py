"""The machine that a figure was measured on, and how many of its cores."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

_PACKAGES = ("actdsl", "torch", "numpy", "llvmlite", "numba", "numba-cuda", "jax")
_THREADS = "ACTDSL_NUM_THREADS"


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Hold this process to ``count`` threads, on as many cores, for every way to run a kernel.

    XLA sizes its pool by the cores a process may use when it starts, so JAX has to be first used
    within. The cores are the last of those that the process was given (``taskset``): the first
    serves interrupts on most machines.
    """
    torch_threads, ours = torch.get_num_threads(), os.environ.get(_THREADS)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    torch.set_num_threads(count)
    os.environ[_THREADS] = str(count)
    if cores:
        os.sched_setaffinity(0, sorted(cores)[-count:])
    try:
        yield
    finally:
        torch.set_num_threads(torch_threads)
        if ours is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = ours
        if cores:
            os.sched_setaffinity(0, cores)


def description(device: str = "cpu") -> dict[str, Any]:
    """The processor, the cores, the vector instructions that torch uses, and versions."""
    return {
        "processor": _processor() if device == "cpu" else torch.cuda.get_device_name(),
        "cores": os.cpu_count(),
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **dict(_versions())},
    }


def _processor() -> str:
    """The processor's name, which ``platform.processor`` does not know on Linux."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.processor() or platform.machine()


def _versions() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
