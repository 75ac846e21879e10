"""How the lab ranks the zoo, and what that ranking depends on: the tables of docs/lab.md.

    python benchmarks/lab_ranking.py                  # a few minutes on two cores
    python benchmarks/lab_ranking.py --seeds 1 --names relu,gelu,tanh,snake --output /tmp/some.json
    python benchmarks/lab_ranking.py --show           # the tables of the last results

Every network is trained once on a machine: a second run reads the lab's cache. The zoo is scored on
the micro suite twice, with disjoint seeds, and on the sealed suite, by each aggregate: one that
ranks by what activations are, and not by accident, ranks alike on other seeds and on other tasks.
Then one condition of the lab at a time is changed, for the activations that papers make claims of.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import actdsl
from actdsl.backends.timing import description
from actdsl.evolve import Workers, cores
from actdsl.evolve.comparison import Entry, compare
from actdsl.evolve.lab import (
    SUITES,
    TRAINER_VERSION,
    Aggregate,
    Evaluation,
    Suite,
    aggregated,
    part,
)
from actdsl.evolve.lab.racing import Rung
from actdsl.evolve.lab.sealed import SEALED
from actdsl.evolve.lab.tasks import Shift

HALVINGS = 20
RESULTS = Path(__file__).parent / "results" / "lab_ranking.json"
CLAIMED = ("relu", "gelu", "silu", "tanh", "gelu_sine", "gelu_sinc", "gmtu", "snake", "turbulent")
"""What the papers' claims are about, and two that they should be seen beside."""
CLAIMS = (
    ("GELUSine ahead of GELU", "gelu_sine", "gelu", ()),
    ("GELU-Sinc ahead of GELU", "gelu_sinc", "gelu", ()),
    ("GELU ahead of ReLU", "gelu", "relu", ()),
    ("Turbulent far ahead of GELU", "turbulent", "gelu", ()),
    ("Snake ahead of ReLU where it is periodic", "snake", "relu", ("harmonic",)),
)
"""Who is ahead of whom, and on which families, all if none is named."""


def conditions(suite: Suite) -> Iterator[tuple[str, Suite]]:
    """The suite with one thing changed at a time."""
    recipe = suite.recipe
    yield "as it is", suite
    for steps in (125, 2000):
        yield f"{steps} steps", replace(suite, recipe=replace(recipe, steps=steps))
    for width in (16, 64):
        yield f"width {width}", replace(suite, recipe=replace(recipe, width=width))
    yield "256 points", replace(suite, sizes=replace(suite.sizes, train=256))
    yield "without gain correction", replace(suite, recipe=replace(recipe, gain_correction=False))
    for rate in (0.001, 0.01):
        fixed = replace(recipe, learning_rates=(rate,))
        yield f"learning rate {rate} for all", replace(suite, recipe=fixed)
    for shift in (Shift.HOLE, Shift.WIDER, Shift.FREQUENCY):
        yield f"out of distribution: {shift.value}", suite.shifted(shift)


@dataclass(frozen=True)
class Field:
    """Activations that were scored on one suite and its seeds, ReLU the first of them."""

    entries: list[Entry]

    def values(self, how: Aggregate, families: Sequence[str] = ()) -> dict[str, float]:
        """Each one's number, over all tasks or those of some families."""
        evaluations = [entry.evaluation for entry in self.entries]
        if families:
            evaluations = [_only(found, families) for found in evaluations]
        numbers = aggregated(how, evaluations, evaluations[0])
        return {e.name: a.value for e, a in zip(self.entries, numbers, strict=True)}

    def ratio(
        self, how: Aggregate, first: str, second: str, families: Sequence[str]
    ) -> list[float]:
        """One against another: the number and its interval; nothing where one of them is missing."""
        found = {entry.name: entry.evaluation for entry in self.entries}
        if not {first, second} <= found.keys():
            return []
        pair = [
            _only(found[name], families) if families else found[name] for name in (first, second)
        ]
        (number,) = aggregated(how, pair[:1], pair[1])
        return [number.value, *number.interval]


def main() -> None:
    """Score, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", help="activations  [default: the zoo]")
    parser.add_argument("--seeds", type=int, default=8, help="of each of the two disjoint sets")
    parser.add_argument("--suite", choices=SUITES, default="micro")
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        names = chosen.names.split(",") if chosen.names else list(actdsl.zoo)
        document = measured(SUITES[chosen.suite], names, chosen.seeds, chosen.workers)
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(json.dumps(document, indent=1) + "\n")
    print("\n\n".join(tables(json.loads(chosen.output.read_text())).values()))


def measured(suite: Suite, names: Sequence[str], seeds: int, workers: int) -> dict[str, Any]:
    """Everything that the tables show."""
    programs = [actdsl.zoo[n] for n in dict.fromkeys(["relu", *names])]
    programs = [program for program in programs if len(program.inputs) == 1]
    sets = tuple(range(seeds)), tuple(range(seeds, 2 * seeds))
    sealed_suite = replace(SEALED, sizes=suite.sizes, recipe=suite.recipe)
    sealed_seeds = tuple(SEALED.seeds[0] + k for k in range(seeds))

    def field(suite: Suite, seeds: tuple[int, ...], chosen: Sequence[Any]) -> Field:
        print(f"{suite}, seeds {seeds}", file=sys.stderr, flush=True)
        with Workers(suite, workers, exact=True) as evaluator:
            return Field(compare(chosen, evaluator, suite, seeds))

    both = field(suite, sets[0] + sets[1], programs)
    halves = [field(suite, half, programs) for half in sets]
    sealed = field(sealed_suite, sealed_seeds, programs)
    claimed = [program for program in programs if program.name in CLAIMED]
    studied = {
        name: _claims(field(changed, sets[0][:2], claimed)) for name, changed in conditions(suite)
    }
    return {
        "date": date.today().isoformat(),
        "machine": description(),
        "suite": str(suite),
        "sealed": str(SEALED),
        "trainer": TRAINER_VERSION,
        "seeds": [list(half) for half in sets],
        "zoo": [_row(entry, both, sealed) for entry in both.entries],
        "agreement": {
            how.value: {
                "other seeds": spearman(*(half.values(how) for half in halves)),
                "random halves": _random_halves(both, how),
                "other tasks": spearman(both.values(how), sealed.values(how)),
                "worst three tasks": _share_of_worst(both) if how is Aggregate.MEAN else None,
            }
            for how in Aggregate
        },
        "claims": [
            {
                "claim": claim,
                **{
                    f"{where} {how.value}": of.ratio(how, first, second, families)
                    for where, of in (("micro", both), ("sealed", sealed))
                    for how in (Aggregate.GEOMEAN, Aggregate.MEAN)
                },
            }
            for claim, first, second, families in CLAIMS
        ],
        "conditions": studied,
    }


def _row(entry: Entry, field: Field, sealed: Field) -> dict[str, Any]:
    score = entry.score
    return {
        "name": entry.name,
        "ratio": score.ratio,
        "interval": list(score.interval),
        "families": score.families,
        "in_distribution": score.in_distribution,
        "wins": score.wins,
        "diverged": score.diverged,
        "learnt": score.learnt,
        "flops": entry.flops,
        "mean": field.values(Aggregate.MEAN)[entry.name],
        "rank": field.values(Aggregate.RANK)[entry.name],
        "sealed": sealed.values(Aggregate.GEOMEAN)[entry.name],
    }


def _claims(field: Field) -> dict[str, dict[str, float]]:
    found = {how.value: field.values(how) for how in (Aggregate.GEOMEAN, Aggregate.MEAN)}
    return {**found, "harmonic": field.values(Aggregate.GEOMEAN, ["harmonic"])}


def _only(evaluation: Evaluation, families: Sequence[str]) -> Evaluation:
    names = [task.name for task in evaluation.suite.tasks if task.family in families]
    return part(evaluation, Rung(tuple(names), evaluation.seeds))


def _random_halves(field: Field, how: Aggregate) -> list[float]:
    """The correlation of one half of the seeds with the other, for some ways to halve them."""
    rng = np.random.default_rng(0)
    names = tuple(task.name for task in field.entries[0].evaluation.suite.tasks)
    seeds = field.entries[0].evaluation.seeds
    found = []
    for _ in range(HALVINGS):
        drawn = rng.permutation(len(seeds))
        half = len(seeds) // 2
        halves = []
        for chosen in (drawn[:half], drawn[half : 2 * half]):
            rung = Rung(names, tuple(seeds[k] for k in sorted(chosen.tolist())))
            entries = [replace(e, evaluation=part(e.evaluation, rung)) for e in field.entries]
            halves.append(Field(entries).values(how))
        found.append(spearman(*halves))
    return found


def _share_of_worst(field: Field) -> float:
    """Of the sum of ReLU's losses over the tasks, the part that the largest three make."""
    losses = np.sort(field.entries[0].evaluation.ood.mean(axis=1))
    return float(losses[-3:].sum() / losses.sum())


def spearman(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """The correlation of two rankings."""
    from scipy.stats import spearmanr

    return float(spearmanr(list(first.values()), [second[name] for name in first]).statistic)


def tables(document: dict[str, Any]) -> dict[str, str]:
    """The results as Markdown: the zoo, the aggregates, the claims, and the conditions."""
    rows = sorted(document["zoo"], key=lambda row: row["ratio"])
    places = {
        key: {row["name"]: k for k, row in enumerate(sorted(rows, key=lambda r: r[key]), 1)}
        for key in ("mean", "rank", "sealed")
    }
    zoo = _table(
        ["place", "activation", "OOD / ReLU's", "95 % interval", "polynomial", "harmonic", "feynman",
         "in distr.", "beats ReLU", "beats GELU", "FLOPs", "by mean", "by rank", "sealed"],
        (
            [
                str(place), f"`{row['name']}`", _number(row["ratio"]),
                " to ".join(map(_number, row["interval"])),
                *(_number(row["families"][f]) for f in ("polynomial", "harmonic", "feynman")),
                _number(row["in_distribution"]),
                *(f"{row['wins'][rival]:.0%}" for rival in ("relu", "gelu")),
                str(row["flops"]),
                *(f"{places[key][row['name']]}" for key in ("mean", "rank")),
                f"{_number(row['sealed'])} ({places['sealed'][row['name']]})",
            ]
            for place, row in enumerate(rows, 1)
        ),
    )  # fmt: skip
    agreement = _table(
        ["aggregate", "on other seeds", "seeds halved at random: mean, least", "on other tasks"],
        (
            [
                f"`{how}`",
                f"{found['other seeds']:.2f}",
                f"{np.mean(found['random halves']):.2f}, {min(found['random halves']):.2f}",
                f"{found['other tasks']:.2f}",
            ]
            for how, found in document["agreement"].items()
        ),
    )
    columns = ("micro geomean", "sealed geomean", "micro mean", "sealed mean")
    claims = _table(
        ["claim", *columns],
        (
            [row["claim"], *(_interval(row[column]) for column in columns)]
            for row in document["claims"]
        ),
    )
    names = [n for n in CLAIMED if n in document["conditions"]["as it is"]["geomean"]]
    studied = {
        by: _table(
            ["condition", *(f"`{name}`" for name in names if name != "relu")],
            (
                [condition, *(_number(found[by][name]) for name in names if name != "relu")]
                for condition, found in document["conditions"].items()
            ),
        )
        for by in ("geomean", "mean", "harmonic")
    }
    return {"zoo": zoo, "agreement": agreement, "claims": claims, **studied}


def _table(head: Sequence[str], rows: Any) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _interval(found: Sequence[float]) -> str:
    return f"{_number(found[0])} ({_number(found[1])} to {_number(found[2])})" if found else "-"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.2g}"


if __name__ == "__main__":
    main()
