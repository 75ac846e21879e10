"""How soon a kernel is ready, against torch.compile: the table of docs/performance.md.

    python benchmarks/latency.py                        # all of the zoo, about an hour
    python benchmarks/latency.py --names gelu --runs 1 --output /tmp/some.json
    python benchmarks/latency.py --show                 # the table of the last results

Seconds from an activation's text to its output and gradients on 64 x 64 elements, in a new process
after its imports: with nothing on disk (cold), for one more activation in that process, and in a
new process that finds on disk what the cold one left (warm). torch.compile starts from a Python
function. Medians and quartiles go to benchmarks/results/latency.json, activation by activation.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import actdsl
from actdsl.backends.timing import COMPILERS, compile_latency, description

RESULTS = Path(__file__).parent / "results" / "latency.json"
STAGES = {"cold": "cold", "following": "one more", "warm": "warm"}


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", default=",".join(actdsl.zoo), help="activations")
    parser.add_argument("--runs", type=int, default=3, help="for each activation and compiler")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        document: dict[str, Any] = {"date": date.today().isoformat(), "machine": description()}
        document |= {"unit": "s", "latency": {}}
        for name in chosen.names.split(","):
            found = compile_latency(actdsl.zoo[name], runs=chosen.runs)
            document["latency"][name] = {way: asdict(latency) for way, latency in found.items()}
            chosen.output.parent.mkdir(parents=True, exist_ok=True)
            chosen.output.write_text(json.dumps(document, indent=1) + "\n")
            print(name, file=sys.stderr, flush=True)
    show(json.loads(chosen.output.read_text()))


def show(document: dict[str, Any]) -> None:
    """Print the table, and below it the median activation."""
    machine = document["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    print(f"{machine['processor']}, {machine['cores']} cores, {document['date']}; {versions}\n")
    headings = [f"{way} {stage}" for way in COMPILERS for stage in STAGES.values()]
    headings += [f"{stage}: quicker by" for stage in STAGES.values()]
    print(f"| activation | {' | '.join(headings)} |\n|{'---|' * (len(headings) + 1)}")
    rows = {name: _row(found) for name, found in document["latency"].items()}
    columns = zip(*rows.values(), strict=True)
    rows["**median**"] = [statistics.median(column) for column in columns]
    for name, row in rows.items():
        times = [f"{value:.3f} s" for value in row[: -len(STAGES)]]
        ratios = [f"{value:.0f}x" for value in row[-len(STAGES) :]]
        print(f"| {name} | {' | '.join([*times, *ratios])} |")


def _row(found: dict[str, Any]) -> list[float]:
    """Seconds of both compilers, stage by stage, then their ratios."""
    ours, theirs = ([found[way][stage]["median"] for stage in STAGES] for way in COMPILERS)
    return [*ours, *theirs, *(b / a for a, b in zip(ours, theirs, strict=True))]


if __name__ == "__main__":
    main()
