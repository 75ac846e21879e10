"""The error of every float32 function of the CPU kernels over all 2**32 arguments.

    python benchmarks/ulp_table.py                 # all, half a minute a function and thread
    python benchmarks/ulp_table.py exp_short sinf            # some
    python benchmarks/ulp_table.py --sample 1000 --output sample.json

Two sets: `exp_short` and the like compute in float64, and their results are rounded to float32 as
kernels do; `expf` and the like compute in float32. Each result is compared with that of the float64
function `exp`, whose own error is below 4 ulp of float64 (tests/backends/test_vecmath.py) and thus
below 2**-26 of what is counted here; the worst argument is then put before mpmath at 60 digits.
Results go to benchmarks/results/ulp_float32.json, function by function; docs/accuracy.md shows them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import llvmlite
import mpmath
import numba
import numpy as np
from numpy.typing import NDArray

from actdsl.backends.native.formula import compiled
from actdsl.backends.vecmath import DOUBLE, SHORT, SINGLE
from actdsl.ops import TABLE

RESULTS = Path(__file__).parent / "results" / "ulp_float32.json"
ALL = 2**32
BLOCK = 2**17
SETS = {
    "short": sorted(SHORT - {"pow_short"}),
    "single": sorted(SINGLE - {"powf"}),
}
"""Functions of one argument, by set; the powers have two, and are sampled in the tests."""
NAMES = [name for names in SETS.values() for name in names]
OF = {spelled: name for name in DOUBLE for spelled in (f"{name}_short", f"{name}f")}
"""The float64 function that each is compared with."""

Loop = Callable[..., None]
Array = NDArray[Any]


@numba.njit(error_model="numpy", nogil=True)
def compare(
    x: Array, result: Array, bits: Array, nearest: Array, reference: Array, worst: Array
) -> tuple[int, int]:
    """Count results that are not nearest and special values that are wrong; find the worst."""
    misrounded, wrong = 0, 0
    for i in range(x.size):
        # What is nearest is off by half an ulp at most: once more was seen, that goes quickly.
        if bits[i] == nearest[i] and worst[0] > 0.5:
            continue
        y, exact = np.float64(result[i]), reference[i]
        if exact != exact or y != y:
            wrong += (exact == exact) != (y == y)
            continue
        near = np.float64(np.float32(exact))
        misrounded += y != near
        wrong += y == 0.0 and exact == 0.0 and bits[i] != nearest[i]
        if abs(y) == math.inf or abs(near) == math.inf:
            wrong += abs(exact) < 3.4028233e38 or abs(y) < 3.4028234e38
            continue
        error = abs(y - exact) / np.float64(np.spacing(np.float32(abs(near))))
        if error > worst[0]:
            worst[0], worst[1] = error, x[i]
    return misrounded, wrong


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
    evaluate, exactly = loops(name)

    def block(start: int) -> tuple[int, float, float, int, int]:
        stop = min(start + BLOCK * step, ALL)
        x = np.arange(start, stop, step, dtype=np.uint64).astype(np.uint32).view(np.float32)
        result, reference = np.empty(x.size, np.float32), np.empty(x.size)
        evaluate(x, x, result)
        with np.errstate(all="ignore"):
            wide = x.astype(np.float64)
            exactly(wide, wide, reference)
            nearest = reference.astype(np.float32)
        worst = np.zeros(2)
        bits = [array.view(np.int32) for array in (result, nearest)]
        misrounded, wrong = compare(x, result, *bits, reference, worst)
        return x.size, worst[0], worst[1], misrounded, wrong

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, range(0, ALL, BLOCK * step)))
    counts, errors, places, misrounded, wrong = zip(*blocks, strict=True)
    worst = int(np.argmax(errors))
    at = float(places[worst])
    exact = float(_error_by_mpmath(OF[name], at, evaluate))
    return Row(sum(counts), float(errors[worst]), at, exact, sum(misrounded), sum(wrong))


def loops(name: str) -> tuple[Loop, Loop]:
    """Loops for one function and for that of float64 which it is compared with."""
    real = "float64" if name in SHORT else "float32"
    return compiled(f"{name}(u)", "float32", real), compiled(f"{OF[name]}(u)", "float64")


def _error_by_mpmath(name: str, at: float, evaluate: Loop) -> Any:
    x, result = np.array([at], np.float32), np.empty(1, np.float32)
    evaluate(x, x, result)
    with mpmath.workdps(60):
        function = mpmath.sinpi if name == "sinpi" else TABLE[name].mpmath
        exact = function(mpmath.mpf(float(x[0])))
        exponent = max(mpmath.frexp(exact)[1] - 1, -126) if exact else -126
        return abs(mpmath.mpf(float(result[0])) - exact) / mpmath.ldexp(1, exponent - 23)


def table(rows: dict[str, dict[str, Any]], names: Collection[str]) -> Iterator[str]:
    """Those rows of a document that have these names, in Markdown."""
    yield "| function | largest error, ulp | at | results not nearest | special values wrong |"
    yield "|---|---|---|---|---|"
    for name, found in sorted(rows.items()):
        if name not in names:
            continue
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
        "versions": {
            "python": platform.python_version(),
            "numba": numba.__version__,
            "llvmlite": llvmlite.__version__,
        },
    }
    for name in options.names or NAMES:
        start = time.perf_counter()
        found = row(name, options.sample, options.threads)
        document["functions"][name] = asdict(found)
        options.output.write_text(json.dumps(document, indent=1) + "\n")
        print(f"{name}: {found.ulp:.4f} ulp, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    for names in SETS.values():
        print("\n".join(table(document["functions"], names)), end="\n\n")


if __name__ == "__main__":
    main()
