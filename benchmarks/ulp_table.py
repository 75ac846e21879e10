"""The error of every float32 function of the CPU kernels over all 2**32 arguments.

    python benchmarks/ulp_table.py                 # all, about a minute a function and thread
    python benchmarks/ulp_table.py exp_short sin_short       # some
    python benchmarks/ulp_table.py --sample 1000 --output sample.json

A function's result, rounded to float32 as kernels do, is compared with the float64 function of the
same name, whose own error is below 4 ulp of float64 (tests/backends/test_vecmath.py) and thus
below 2**-26 of what is counted here; the worst argument is then put before mpmath at 60 digits.
Results go to benchmarks/results/ulp_float32.json, function by function; docs/accuracy.md shows them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import mpmath
import numba
import numpy as np

from actdsl.backends.vecmath import SHORT, source_of
from actdsl.ops import TABLE

RESULTS = Path(__file__).parent / "results" / "ulp_float32.json"
ALL = 2**32
BLOCK = 2**20
NAMES = sorted(SHORT - {"pow_short"})
"""Functions of one argument; pow_short has two, and is sampled in the tests."""

STATISTICS = """
@numba.njit(error_model="numpy", nogil=True)
def evaluate(x, result, reference):
    for i in range(x.size):
        u = np.float64(x[i])
        result[i] = {name}_short(u)
        reference[i] = {name}(u)


@numba.njit(error_model="numpy", nogil=True)
def compare(x, result, reference, worst):
    misrounded, wrong = 0, 0
    for i in range(x.size):
        y, exact = np.float64(result[i]), reference[i]
        if exact != exact or y != y:
            wrong += (exact == exact) != (y == y)
            continue
        nearest = np.float64(np.float32(exact))
        if y == nearest:
            wrong += y == 0.0 and exact == 0.0 and math.copysign(1.0, y) != math.copysign(1.0, exact)
        if abs(y) == math.inf or abs(nearest) == math.inf:
            wrong += y != nearest and abs(exact) < 3.4028236e38
            misrounded += y != nearest
            continue
        misrounded += y != nearest
        unit = np.float64(np.spacing(np.float32(abs(nearest))))
        error = abs(y - exact) / unit
        if error > worst[0]:
            worst[0], worst[1] = error, x[i]
    return misrounded, wrong
"""


@dataclass(frozen=True)
class Row:
    """What was found for one function.

    Attributes:
        arguments: how many were tried.
        ulp: the largest error, in units in the last place of float32.
        at: the argument of the largest error.
        exact_ulp: the error there by mpmath.
        misrounded: how many results are not the float32 nearest to the reference.
        wrong: how many NaN, infinities or signs of zero are not what they should be.
    """

    arguments: int
    ulp: float
    at: float
    exact_ulp: float
    misrounded: int
    wrong: int


def row(name: str, step: int, threads: int) -> Row:
    """Try every ``step``-th bit pattern of float32, NaN and infinities among them."""
    evaluate, compare = compiled(name.removesuffix("_short"))

    def block(start: int) -> tuple[int, float, float, int, int]:
        stop = min(start + BLOCK * step, ALL)
        x = np.arange(start, stop, step, dtype=np.uint64).astype(np.uint32).view(np.float32)
        result, reference = np.empty(x.size, np.float32), np.empty(x.size)
        evaluate(x, result, reference)
        worst = np.zeros(2)
        misrounded, wrong = compare(x, result, reference, worst)
        return x.size, worst[0], worst[1], misrounded, wrong

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, range(0, ALL, BLOCK * step)))
    counts, errors, places, misrounded, wrong = zip(*blocks, strict=True)
    worst = int(np.argmax(errors))
    at = float(places[worst])
    exact = float(_error_by_mpmath(name.removesuffix("_short"), at, evaluate))
    return Row(sum(counts), float(errors[worst]), at, exact, sum(misrounded), sum(wrong))


def compiled(name: str) -> tuple[Callable[..., None], Callable[..., tuple[int, int]]]:
    """The loops for one function."""
    namespace: dict[str, Any] = {"np": np}
    exec(source_of([name, f"{name}_short"]) + STATISTICS.format(name=name), namespace)
    return namespace["evaluate"], namespace["compare"]


def _error_by_mpmath(name: str, at: float, evaluate: Callable[..., None]) -> Any:
    x, result, reference = np.array([at], np.float32), np.empty(1, np.float32), np.empty(1)
    evaluate(x, result, reference)
    with mpmath.workdps(60):
        function = mpmath.sinpi if name == "sinpi" else TABLE[name].mpmath
        exact = function(mpmath.mpf(float(x[0])))
        exponent = max(mpmath.frexp(exact)[1] - 1, -126) if exact else -126
        return abs(mpmath.mpf(float(result[0])) - exact) / mpmath.ldexp(1, exponent - 23)


def table(rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The rows in Markdown."""
    yield "| function | largest error, ulp | at | results not nearest | special values wrong |"
    yield "|---|---|---|---|---|"
    for name, found in sorted(rows.items()):
        share = found["misrounded"] / found["arguments"]
        yield (
            f"| `{name}` | {found['exact_ulp']:.4f} | {found['at']:.9g} "
            f"| {found['misrounded']} ({share:.1e}) | {found['wrong']} |"
        )


def main() -> None:
    """Try the functions named, or all, and write and print what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="FUNCTION", help=", ".join(NAMES))
    parser.add_argument("--sample", type=int, default=1, help="try every Nth argument")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.sample > 1 and options.output == RESULTS:
        parser.error("a sample is no full result: say where it goes with --output")
    if unknown := sorted(set(options.names) - set(NAMES)):
        parser.error(f"there is no function {unknown[0]}")
    document: dict[str, Any] = {"functions": {}}
    if options.output.exists():
        document = json.loads(options.output.read_text())
    document |= {
        "date": date.today().isoformat(),
        "machine": platform.processor() or platform.machine(),
        "versions": {"python": platform.python_version(), "numba": numba.__version__},
    }
    for name in options.names or NAMES:
        start = time.perf_counter()
        found = row(name, options.sample, options.threads)
        document["functions"][name] = asdict(found)
        options.output.write_text(json.dumps(document, indent=1) + "\n")
        print(f"{name}: {found.ulp:.4f} ulp, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    print("\n".join(table(document["functions"])))


if __name__ == "__main__":
    main()
