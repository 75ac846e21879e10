"""CPU kernels against eager torch and torch.compile: the table of docs/performance.md.

    python benchmarks/kernels.py > table.md

Forward + backward of 2**20 float32 elements on one thread, the three ways taking turns in every
run; medians of 30 runs. Pin it to one core where the machine is shared: taskset -c 0 python ...
"""

from __future__ import annotations

import platform
import statistics

import numba
import torch

import actdsl
from actdsl.backends.timing import compare

NAMES = ("relu", "gelu", "silu", "mish", "tanh", "gelu_sine", "gelu_sinc", "gmtu", "turbulent")
SIZE = 2**20


def main() -> None:
    """Print the table, a row at a time, and the geometric means below it."""
    torch.set_num_threads(1)
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()},",
        end=" ",
    )
    print(f"torch {torch.__version__}, numba {numba.__version__}, 1 thread\n")
    print(
        "| activation | actdsl ms | eager ms | torch.compile ms | against eager | against compile |"
    )
    print("|---|---|---|---|---|---|")
    ratios: dict[str, list[float]] = {"eager": [], "torch.compile": []}
    for name in NAMES:
        timings = compare(actdsl.zoo[name], SIZE)
        ours, eager, compiled = (timings[k].median for k in ("actdsl", "eager", "torch.compile"))
        ratios["eager"].append(eager / ours)
        ratios["torch.compile"].append(compiled / ours)
        row = f"{ours:.2f} | {eager:.2f} | {compiled:.2f} | {eager / ours:.2f}x | {compiled / ours:.2f}x"
        print(f"| {name} | {row} |", flush=True)
    means = [statistics.geometric_mean(values) for values in ratios.values()]
    print(f"| geometric mean | | | | {means[0]:.2f}x | {means[1]:.2f}x |")


if __name__ == "__main__":
    main()
