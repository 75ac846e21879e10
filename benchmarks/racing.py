"""What racing saves, and whom it drops by mistake: a table of docs/lab.md.

    python benchmarks/racing.py                          # some minutes on two cores
    python benchmarks/racing.py --candidates 60 --output /tmp/some.json
    python benchmarks/racing.py --show                   # the last results

Random candidates, those that a search would pay for, are trained in full on the micro suite; that
gives the truth. Then they race as in a search: in batches, against what was known before each, in
many random orders. Cost is in networks trained, with those that choose the learning rate; a miss is
a candidate of the best twentieth that was dropped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from actdsl.backends.timing import description
from actdsl.evolve import Workers, cores
from actdsl.evolve.admission import Admission, RefusedError
from actdsl.evolve.evaluation.scoring import BASELINE, Scoring
from actdsl.evolve.lab import SUITES, TRAINER_VERSION, Evaluation, Runs, Suite, part, race
from actdsl.evolve.lab.learning_rate import PROBES
from actdsl.evolve.lab.pairing import log_ratios
from actdsl.evolve.lab.racing import Rung
from actdsl.evolve.proposers import Context
from actdsl.evolve.proposers.random import RandomProposer as Random

RESULTS = Path(__file__).parent / "results" / "racing.json"
BATCH = 12
ORDERS = 50
LONGEST = 40
"""FLOPs that a candidate may cost, as in a search."""


class Known(Runs):
    """Runs of which all is known, and how many of them were asked for."""

    def __init__(self, whole: Evaluation) -> None:
        self._whole, self.asked = whole, set[tuple[str, int]]()

    def evaluation(self, seeds: Sequence[int], tasks: Sequence[str] | None = None) -> Evaluation:
        """The part of the whole."""
        names = tuple(tasks or (task.name for task in self._whole.suite.tasks))
        self.asked |= {(name, seed) for name in names for seed in seeds}
        return part(self._whole, Rung(names, tuple(seeds)))


def main() -> None:
    """Train, race, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--suite", choices=SUITES, default="micro")
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        document = measured(SUITES[chosen.suite], chosen.candidates, chosen.workers)
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(json.dumps(document, indent=1) + "\n")
    print(tables(json.loads(chosen.output.read_text()))["racing"])


def measured(suite: Suite, candidates: int, workers: int) -> dict[str, Any]:
    """Savings and misses, one of each for every order."""
    baseline, field = evaluations(suite, random_texts(candidates), workers)
    means = np.array([log_ratios(found, baseline).mean() for found in field])
    best = set(np.argsort(means)[: max(1, len(field) // 20)].tolist())
    races = [raced(field, baseline, best, np.random.default_rng(order)) for order in range(ORDERS)]
    return {
        "date": date.today().isoformat(),
        "machine": description(),
        "suite": str(suite),
        "trainer": TRAINER_VERSION,
        "candidates": len(field),
        "best": len(best),
        "orders": ORDERS,
        **{key: [found[key] for found in races] for key in races[0]},
    }


def random_texts(count: int) -> list[str]:
    """Random activations that a search would pay for."""
    rng, admission, proposer = np.random.default_rng(7), Admission(max_flops=LONGEST), Random()
    found: list[str] = []
    while len(found) < count:
        text = proposer.ask(rng, Context(parents=())).text
        try:
            admission.admit(text)
        except RefusedError:
            continue
        found.append(text)
    return found


def evaluations(
    suite: Suite, texts: list[str], workers: int
) -> tuple[Evaluation, list[Evaluation]]:
    """ReLU's losses, and those of the texts that could be evaluated."""
    with Workers(suite, workers, exact=True) as evaluator:
        outcomes = {}
        for index, outcome in evaluator.outcomes([BASELINE, *texts], suite.seeds):
            outcomes[index] = outcome
            print(f"{len(outcomes)} of {len(texts) + 1}", file=sys.stderr, flush=True)
    scoring = Scoring(suite, suite.seeds, outcomes[0])
    rest = (outcomes[index] for index in range(1, len(outcomes)))
    return scoring.baseline, [scoring.evaluation(outcome) for outcome in rest]


def raced(
    field: Sequence[Evaluation],
    baseline: Evaluation,
    best: set[int],
    rng: np.random.Generator,
) -> dict[str, float]:
    """One race of all, in a random order."""
    recipe = baseline.suite.recipe
    probing = len(PROBES) * len(recipe.learning_rates) * (recipe.probe_steps / recipe.steps)
    order = rng.permutation(len(field))
    finished: list[Evaluation] = [baseline]
    networks, dropped, hopeless = 0.0, set[int](), []
    for start in range(0, len(order), BATCH):
        racing = race(finished, start, baseline)
        for index in order[start : start + BATCH].tolist():
            runs = Known(field[index])
            if racing:
                racing.run(runs)
            else:
                runs.evaluation(baseline.seeds)
            networks += probing + len(runs.asked)
            if len(runs.asked) == baseline.ood.size:
                finished.append(field[index])
            else:
                dropped.add(index)
                hopeless.append((probing + len(runs.asked)) / (probing + baseline.ood.size))
    everything = len(field) * (probing + baseline.ood.size)
    return {
        "saved": everything / networks,
        "missed": len(best & dropped) / len(best),
        "dropped": len(dropped) / len(field),
        "least": min(hopeless, default=1.0),
        "median": float(np.median(hopeless)) if hopeless else 1.0,
        "champion": float(min(best, key=lambda i: float(_mean(field[i], baseline))) in dropped),
    }


def _mean(evaluation: Evaluation, baseline: Evaluation) -> float:
    return float(log_ratios(evaluation, baseline).mean())


def tables(document: dict[str, Any]) -> dict[str, str]:
    """The results as a Markdown table, by name."""
    mean = {
        key: np.mean(document[key])
        for key in ("saved", "missed", "dropped", "least", "median", "champion")
    }
    rows = [
        ("candidates; of them the best", f"{document['candidates']}; {document['best']}"),
        ("full cost against cost in a race", f"{mean['saved']:.1f}x"),
        ("of the best, dropped", f"{mean['missed']:.1%}"),
        ("orders in which the very best was dropped", f"{mean['champion']:.0%}"),
        ("of all, dropped", f"{mean['dropped']:.0%}"),
        ("cost of one dropped: least; median", f"{mean['least']:.1%}; {mean['median']:.1%}"),
    ]
    lines = ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)]
    return {"racing": "\n".join(lines)}


if __name__ == "__main__":
    main()
