"""What each mechanism of the search is good for: each taken away in turn, the rest as it is.

    python benchmarks/search_ablation.py --landscape --candidates 200 --runs 36 --folder runs/landscape
    python benchmarks/search_ablation.py --candidates 200 --runs 3 --folder runs/ablation
    python benchmarks/search_ablation.py --show         # the last results on the landscape

All variants have the same number of evaluations and the same random seeds, and a variant is held
against the search that differs from it in that one mechanism. In the lab the champion of each run
is judged on the sealed suite. The landscape replaces the lab by sums that cost nothing, and nothing
else: how well a * f(x) + b, fitted within [-3, 3] to each of six targets, goes on to [-6, 6]; there the
champion is judged by that, and many runs are affordable. Tuning fits constants within. Nobody races
there: benchmarks/racing.py counts what a race saves, and whom it drops. Time, on the landscape, is one
second an evaluation, and thirty a proposal of the random proposer, which stands for a slow model: what
the bandit has to find out. Diversity is counted as the kinds of function, niches, among the best of
a run. A run that is there already is gone on with, so the script may be interrupted. It prints a table
and, with --output, writes it as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize

import actdsl
from actdsl.evaluate import evaluate, evaluate_program
from actdsl.evolve import Evaluator, Outcome, RunDirectory, Settings, Workers, cores
from actdsl.evolve.admission import Admission
from actdsl.evolve.candidate import Status
from actdsl.evolve.contest import Contestant, Result, against, contest, run_folder
from actdsl.evolve.evaluation.tuning import freed
from actdsl.evolve.lab import SUITES, Evaluation, Race, Suite
from actdsl.evolve.lab.losses import to_plain
from actdsl.evolve.proposers import Bandit, Context, Cost, Proposal, RandomProposer
from actdsl.evolve.proposers.expressions.constants import few_digits
from actdsl.evolve.proposers.expressions.source import read, write
from actdsl.evolve.record.evaluations import done
from actdsl.evolve.run import Watch
from actdsl.evolve.view.contest import known
from actdsl.expand import expand
from actdsl.grammar import parse
from actdsl.ir import const, param, substitute

RESULTS = Path(__file__).parent / "results" / "search_landscape.json"

BANDIT, LOT = "grammar and slow random, bandit", "grammar and slow random, by lot"
SLOW = 30.0
"""Seconds that a proposal of the slow one is said to have taken."""
PAIR = {"proposer": "grammar,random"}
VARIANTS = (
    Contestant("all", {}),
    Contestant("one island", {"islands": 1}),
    Contestant("no niches", {"niches": 0.0}),
    Contestant("one island, no niches", {"islands": 1, "niches": 0.0}),
    Contestant("no tuning", {"tuning": False}),
    Contestant("no racing", {"racing": False}),
    Contestant("no selection", {"selection": False}),
    Contestant("duplicates paid for", {}),
    Contestant(BANDIT, PAIR),
    Contestant(LOT, PAIR),
)
IN_THE_LAB_ONLY, ON_THE_LANDSCAPE_ONLY = {"no racing"}, {BANDIT, LOT}
"""Nobody races on the landscape; in the lab, time is what the clock says."""


def pairs(names: Collection[str]) -> list[tuple[str, str]]:
    """Each variant, and the search that has what it lacks, and nothing else beside."""
    whole = {LOT: BANDIT, "no selection": "no tuning"}  # nobody tunes what is not selected
    found = [(name, whole.get(name, "all")) for name in names]
    return [(one, other) for one, other in found if one != other and other in names]


def _by_lot(bandit: Bandit, rng: np.random.Generator) -> Any:
    arms = list(bandit._arms.values())
    return arms[int(rng.integers(len(arms)))]


def _slowly(proposer: RandomProposer, rng: np.random.Generator, context: Context) -> Proposal:
    return replace(_at_once(proposer, rng, context), cost=Cost(seconds=SLOW))


_at_once = RandomProposer.ask
_slow = partial(patch.object, RandomProposer, "ask", _slowly)
BEST = 20
"""Among how many of a run's best kinds of function are counted."""
ALTERED: dict[str, tuple[Callable[[], AbstractContextManager[Any]], ...]] = {
    "duplicates paid for": (partial(patch.object, Admission, "know", lambda *_: None),),
    BANDIT: (_slow,),
    LOT: (_slow, partial(patch.object, Bandit, "_drawn", _by_lot)),
}
"""What no setting changes, since nobody would want it, while a variant runs."""


@contextmanager
def altered(variant: str, rng_seed: int) -> Iterator[Watch]:  # noqa: ARG001
    """The search as the variant has it."""
    with ExitStack() as stack:
        for change in ALTERED.get(variant, ()):
            stack.enter_context(change())
        yield lambda _candidate, _archive: None


GRID = np.linspace(-6.0, 6.0, 241)
WITHIN = np.abs(GRID) <= 3.0
NOISE = 0.01
"""What no fit gets below, so that hitting one target does not outweigh all others."""
HUGE = 1e12
"""An error that is no better than none at all."""
TRIES = 80
"""Evaluations of the fit that tuning may spend."""
BETTER = 0.01
"""By how much the mean log error has to fall."""
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
        within, beyond = _fits(evaluate_program(parse(text).program, GRID)).T
        cells = [
            [(task + 3 * (seed % 2)) % 6 for seed in seeds] for task in range(len(suite.tasks))
        ]
        ood = beyond[cells].clip(1e-12, HUGE)
        found = Evaluation(suite, seeds, within[cells].clip(1e-12), ood, np.zeros(ood.shape, bool))
        return done(Outcome(to_plain(found), seconds=1.0))  # all alike, for the bandit

    def tuned(self, text: str) -> Future[str]:
        """With the constants that fit best within, as in the lab: without a look beyond."""
        free, added = freed(read(text))
        if not added:
            return done(text)

        def loss(numbers: Sequence[float]) -> float:
            params = {spec.name: float(n) for spec, n in zip(added, numbers, strict=True)}
            values = evaluate(free, {"x": GRID}, params)[expand(free)]
            return float(np.log(_fits(values)[:, 0]).mean())

        start = [spec.initial for spec in added]
        found = minimize(loss, start, method="Nelder-Mead", options={"maxfev": TRIES})
        if found.fun >= loss(start) - BETTER:
            return done(text)
        numbers = (const(few_digits(float(number))) for number in found.x)
        tuned = substitute(free, dict(zip(map(param, added), numbers, strict=True)))
        return done(write(tuned, parse(text).program.rationale))

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """One after the other."""
        return ((i, self.submit(text, seeds, race).result()) for i, text in enumerate(texts))


def _fits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The errors within and beyond of the best a * f(x) + b, a row a target."""
    return np.array([_fit(values, target) for target in TARGETS])


def _fit(values: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    if not (np.abs(values) < HUGE).all():  # constants that tuning tries may leave the domain
        return HUGE, HUGE
    basis = np.stack([np.ones_like(values), values], axis=1)
    weights = np.linalg.lstsq(basis[WITHIN], target[WITHIN], rcond=None)[0]
    errors = (basis @ weights - target) ** 2 / target.var() + NOISE
    return float(errors[WITHIN].mean()), float(errors[~WITHIN].mean())


@click.command(help=__doc__)
@click.option("--candidates", default=200, show_default=True)
@click.option("--runs", default=36, show_default=True)
@click.option("--suite", default="micro", show_default=True)
@click.option("--landscape", is_flag=True, help="Sums that cost nothing instead of the lab.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("runs/ablation"))
@click.option("--only", multiple=True, help="Variants, by name.  [default: all of them]")
@click.option("--workers", default=cores(), show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Keep it there, as JSON.")
@click.option("--show", is_flag=True, help="Print results that are there already.")
def main(
    candidates: int,
    runs: int,
    suite: str,
    landscape: bool,
    folder: Path,
    only: tuple[str, ...],
    workers: int,
    output: Path | None,
    show: bool,
) -> None:
    """Take each mechanism away in turn."""
    if show:
        click.echo(tables(json.loads((output or RESULTS).read_text()))["mechanisms"])
        return
    text = actdsl.zoo["relu"].text
    settings = Settings(
        (text,), candidates, suite=suite, lab_seeds=SUITES[suite].seeds, max_flops=40
    )
    variants = [variant for variant in VARIANTS if not only or variant.name in only]
    if landscape:
        settings = replace(settings, suite="smoke", lab_seeds=(0, 1), racing=False)
    left_out = IN_THE_LAB_ONLY if landscape else ON_THE_LANDSCAPE_ONLY
    variants = [variant for variant in variants if variant.name not in left_out]

    def watch(result: Result) -> None:
        click.echo(f"{result.contestant} {result.rng_seed}: {result.sealed}", err=True)

    with ExitStack() as stack:
        evaluator: Evaluator = Landscape()
        if not landscape:
            evaluator = stack.enter_context(Workers(SUITES[suite], workers, exact=True))
        results = contest(variants, settings, range(runs), folder, evaluator, watch, altered)
    if landscape:
        results = [_on_landscape(result, folder) for result in results]
    kinds = {(r.contestant, r.rng_seed): _kinds(r, folder) for r in results}
    document = {
        "candidates": candidates,
        "runs": runs,
        "on": "landscape" if landscape else str(SUITES[suite]),
        "rows": [_row(results, kinds, *pair) for pair in pairs([v.name for v in variants])],
        "results": [asdict(r) | {"kinds": kinds[r.contestant, r.rng_seed]} for r in results],
    }
    if output is not None:
        output.write_text(json.dumps(document, indent=2) + "\n")
    click.echo(tables(document)["mechanisms"])


def _row(
    results: Sequence[Result], kinds: Mapping[tuple[str, int], int], variant: str, whole: str
) -> dict[str, Any]:
    found = against(results, variant, whole)
    more = [
        kinds[variant, r.rng_seed] - kinds[whole, r.rng_seed]
        for r in results
        if r.contestant == variant
    ]
    reach = stats.t.interval(0.95, len(more) - 1, np.mean(more), stats.sem(more))
    seconds = {
        name: sum(result.seconds for result in results if result.contestant == name)
        for name in (variant, whole)
    }
    return {
        "variant": variant,
        "whole": whole,
        "ratio": found.value,
        "interval": found.interval,
        "kinds": float(np.mean(more)),
        "kinds_interval": [float(end) for end in reach],
        "time": seconds[variant] / seconds[whole],
    }


def _kinds(result: Result, folder: Path) -> int:
    """How many kinds of function, niches, are among a run's best."""
    path = run_folder(folder, result.contestant, result.rng_seed)
    with closing(RunDirectory.look_at(path).store) as store:
        trained = (c for c in store.settled() if c.status is Status.EVALUATED)
        best = sorted((c for c in trained if not c.is_reference), key=lambda c: c.ratio)[:BEST]
    return len({c.niche for c in best})


def _on_landscape(result: Result, folder: Path) -> Result:
    """Its sealed scores are the same sums again; its time is what was said to be spent."""
    path = run_folder(folder, result.contestant, result.rng_seed)
    with closing(RunDirectory.look_at(path).store) as store:
        proposing = sum(proposal.cost.seconds for proposal in store.proposals().values())
    seconds = result.evaluated + SLOW * round(proposing / SLOW)
    return replace(result, sealed=result.confirmed, seconds=seconds)


def tables(document: dict[str, Any]) -> dict[str, str]:
    """Each variant against the search that has what it lacks, as a Markdown table, by name."""
    lines = [
        "| variant | against | its loss / the other's (95 % interval) "
        f"| more kinds among its best {BEST} | its time / the other's |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in document["rows"]:
        shown = f"{known(row['ratio'])} ({known(row['interval'])})"
        low, high = row["kinds_interval"]
        kinds = f"{row['kinds']:+.1f} ({low:+.1f} to {high:+.1f})"
        cells = [row["variant"], row["whole"], shown, kinds, f"{row['time']:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return {"mechanisms": "\n".join(lines)}


if __name__ == "__main__":
    main()
