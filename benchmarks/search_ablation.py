"""What each mechanism of the search is good for: each taken away in turn, the rest as it is.

    python benchmarks/search_ablation.py --candidates 200 --runs 3 --folder runs/ablation
    python benchmarks/search_ablation.py --landscape --candidates 200 --runs 12 --folder runs/landscape

All variants have the same number of evaluations and the same random seeds. In the lab the champion of
each run is judged on the sealed suite. The landscape replaces the lab by sums that cost nothing: how
well a * f(x) + b, fitted within [-3, 3] to each of six targets, goes on to [-6, 6]; there the
champion is judged by that, and many runs are affordable. A run that is there already is gone on
with, so the script may be interrupted. It prints a table and, with --output, writes it as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import click
import numpy as np

import actdsl
from actdsl.evaluate import evaluate_program
from actdsl.evolve import Evaluator, Outcome, Settings, Workers, cores
from actdsl.evolve.contest import Contestant, Result, contest
from actdsl.evolve.evaluations import done
from actdsl.evolve.lab import SUITES, Evaluation, Race, Suite
from actdsl.evolve.lab.losses import to_plain
from actdsl.evolve.view import console
from actdsl.evolve.view.contest import contest_rows, contest_table
from actdsl.grammar import parse

VARIANTS = (
    Contestant("all", {}),
    Contestant("one island", {"islands": 1}),
    Contestant("no niches", {"niches": 0.0}),
    Contestant("no tuning", {"tuning": False}),
    Contestant("no racing", {"racing": False}),
    Contestant("no selection", {"selection": False}),
)
IN_THE_LAB_ONLY = {"no tuning", "no racing"}

GRID = np.linspace(-6.0, 6.0, 241)
WITHIN = np.abs(GRID) <= 3.0
NOISE = 0.01
"""What no fit gets below, so that hitting one target does not outweigh all others."""
TARGETS = (
    np.maximum(GRID, 0) + 0.2 * np.sin(2 * GRID),
    GRID + np.sin(GRID) ** 2,
    GRID * np.tanh(GRID),
    np.log1p(np.exp(GRID)) * (1 + 0.3 * np.cos(3 * GRID)),
    np.tanh(1.5 * GRID) * np.exp(-0.2 * GRID**2) + 0.1 * GRID,
    np.sign(GRID) * np.log1p(np.abs(GRID)),
)


class Landscape:
    """An evaluator that trains nothing: losses of straight-forward fits, at once, in this process."""

    def submit(
        self,
        text: str,
        seeds: tuple[int, ...],
        race: Race | None = None,  # noqa: ARG002  every run is made in full
        suite: Suite | None = None,
    ) -> Future[Outcome]:
        """Three of the targets for each seed that is even, the other three for odd ones."""
        suite = suite or SUITES["smoke"]
        values = evaluate_program(parse(text).program, GRID)
        within, beyond = np.array([_fit(values, target) for target in TARGETS]).T
        cells = [
            [(task + 3 * (seed % 2)) % 6 for seed in seeds] for task in range(len(suite.tasks))
        ]
        ood = beyond[cells].clip(1e-12, 1e12)
        found = Evaluation(suite, seeds, within[cells].clip(1e-12), ood, np.zeros(ood.shape, bool))
        return done(Outcome(to_plain(found)))

    def tuned(self, text: str) -> Future[str]:
        """Nothing is."""
        return done(text)

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """One after the other."""
        return ((i, self.submit(text, seeds, race).result()) for i, text in enumerate(texts))


def _fit(values: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    basis = np.stack([np.ones_like(values), values], axis=1)
    weights = np.linalg.lstsq(basis[WITHIN], target[WITHIN], rcond=None)[0]
    errors = (basis @ weights - target) ** 2 / target.var() + NOISE
    return float(errors[WITHIN].mean()), float(errors[~WITHIN].mean())


@click.command()
@click.option("--candidates", default=60, show_default=True)
@click.option("--runs", default=3, show_default=True)
@click.option("--suite", default="micro", show_default=True)
@click.option("--landscape", is_flag=True, help="Sums that cost nothing instead of the lab.")
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--only", multiple=True, help="Variants, by name.  [default: all of them]")
@click.option("--workers", default=cores(), show_default=True)
@click.option("--output", type=click.Path(path_type=Path))
def main(
    candidates: int,
    runs: int,
    suite: str,
    landscape: bool,
    folder: Path,
    only: tuple[str, ...],
    workers: int,
    output: Path | None,
) -> None:
    """Take each mechanism away in turn."""
    text = actdsl.zoo["relu"].text
    settings = Settings(
        (text,), candidates, suite=suite, lab_seeds=SUITES[suite].seeds, max_flops=40
    )
    variants = [variant for variant in VARIANTS if not only or variant.name in only]
    if landscape:
        settings = replace(settings, suite="smoke", lab_seeds=(0, 1), racing=False)
        variants = [variant for variant in variants if variant.name not in IN_THE_LAB_ONLY]

    def watch(result: Result) -> None:
        click.echo(f"{result.contestant} {result.rng_seed}: {result.sealed}", err=True)

    with ExitStack() as stack:
        evaluator: Evaluator = Landscape()
        if not landscape:
            evaluator = stack.enter_context(Workers(SUITES[suite], workers, exact=True))
        results = contest(variants, settings, range(runs), folder, evaluator, watch)
    if landscape:  # its sealed scores are the same sums again
        results = [replace(result, sealed=result.confirmed) for result in results]
    console().print(contest_table(results, variants[0].name))
    if output is not None:
        rows = contest_rows(results, variants[0].name)
        where = "landscape" if landscape else str(SUITES[suite])
        document = {"candidates": candidates, "on": where, "rows": rows}
        document["results"] = [asdict(result) for result in results]
        output.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
