"""``actdsl compare-search``: proposers against each other."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.evolve import INTERRUPTED
from actdsl.cli.options import json_option, quiet_option, workers_option
from actdsl.cli.proposer_options import model_options, state_models
from actdsl.cli.search_options import new_settings, search_options, seeds_option, stated_settings
from actdsl.writing import writing

if TYPE_CHECKING:
    from actdsl.evolve.contest import Contestant, Result
    from actdsl.evolve.view import Progress

CONTROL = "random"
DOCUMENT = "comparison.json"
"""Where in the folder the outcome is kept, for the reports of its runs."""


@click.command("compare-search")
@seeds_option
@click.option(
    "--proposer",
    "proposers",
    multiple=True,
    metavar="P",
    help="As in evolve; may be given several times.  [default: each that auto would take]",
)
@click.option(
    "--best-of-n",
    is_flag=True,
    help="Each proposer also without selection: the best of as many independent proposals.",
)
@click.option(
    "--candidates", type=click.IntRange(1), default=100, show_default=True, metavar="N",
    help="How many each run evaluates, the seeds among them.",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, metavar="N",
    help="Random seeds, each a run a contestant.",
)  # fmt: skip
@search_options
@model_options
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("runs/contest"),
    show_default=True,
    help="Where the runs are kept; those that are there are gone on with.",
)
@workers_option
@json_option
@quiet_option
@click.pass_context
def compare_search(
    ctx: click.Context,
    /,
    seeds: tuple[str, ...],
    proposers: tuple[str, ...],
    best_of_n: bool,
    runs: int,
    folder: Path,
    workers: int | None,
    as_document: bool,
    quiet: bool,
    **chosen: Any,
) -> None:
    """Searches with each proposer, and with random, the control, at equal numbers of evaluations.

    They begin with relu if no --seed is given; what the options say of a search is said of all.
    The champion of each run is judged on the sealed suite. Means and 95 % intervals are over runs.
    Interrupted, the same command goes on where it was. The outcome is also kept in the folder, as
    comparison.json, which the reports of its runs show.
    """
    from actdsl.evolve import Workers, cores
    from actdsl.evolve.contest import contest
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.view import console
    from actdsl.evolve.view.contest import contest_document, contest_table

    stated = stated_settings(seeds or ("relu",), chosen)
    found = contestants(proposers, best_of_n)
    state_models(stated, ",".join(contestant.name for contestant in found))
    settings = new_settings(stated)
    watch = _Watch(len(found) * runs, settings.candidates, quiet)
    try:
        with Workers(SUITES[settings.suite], workers or cores(), exact=True) as evaluator:
            results = contest(found, settings, range(runs), folder, evaluator, watch, watch.follow)
    except KeyboardInterrupt:
        click.echo("stopped; nothing finished is lost, and the same command goes on", err=True)
        ctx.exit(INTERRUPTED)
    document = contest_document(results, settings, CONTROL, _pairs(found))
    text = json.dumps(document, indent=2)
    with writing(folder / DOCUMENT):
        (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8")
    if as_document:
        click.echo(text)
        return
    console().print(contest_table(results, CONTROL))
    for line in ("", *document["verdicts"]):
        click.echo(line)


class _Watch:
    """Says on standard error which run is under way, shows its candidates, and what came of it."""

    def __init__(self, runs: int, candidates: int, quiet: bool) -> None:
        self._runs, self._candidates, self._quiet = runs, candidates, quiet
        self._over = 0

    def follow(self, contestant: str, rng_seed: int) -> AbstractContextManager[Progress]:
        from actdsl.evolve.view import Progress

        self._say(f"run {self._over + 1} of {self._runs}: {contestant}, random seed {rng_seed}")
        return Progress(self._candidates, quiet=self._quiet)

    def __call__(self, result: Result) -> None:
        self._over += 1
        sealed = "nothing confirmed" if result.sealed is None else f"sealed {result.sealed:.3f}"
        self._say(
            f"{result.contestant}, random seed {result.rng_seed}: {result.evaluated} evaluated, "
            f"{sealed}, {result.seconds / 60:.1f} minutes, {result.tokens} tokens"
        )

    def _say(self, line: str) -> None:
        if not self._quiet:
            click.echo(line, err=True)


def contestants(proposers: tuple[str, ...], best_of_n: bool) -> list[Contestant]:
    """Those named, or all there are, each with its control if asked for, and the common control."""
    from actdsl.evolve.contest import Contestant
    from actdsl.evolve.proposers import AUTO, best_there_is

    if proposers in ((), (AUTO,)):
        proposers = tuple(best_there_is()[0].split(","))
    found = []
    for name in dict.fromkeys(proposers):
        if name != CONTROL:
            found.append(Contestant(name, {"proposer": name}))
            if best_of_n:
                alone = {"proposer": name, "selection": False}
                found.append(Contestant(f"best of N {name}", alone))
    return [*found, Contestant(CONTROL, {"proposer": CONTROL, "selection": False})]


def _pairs(found: list[Contestant]) -> list[tuple[str, str]]:
    """Who selects, against those who do not: the same proposer, and the common control."""
    names = [contestant.name for contestant in found]
    return [
        (contestant.name, other)
        for contestant in found
        if contestant.changes.get("selection", True)
        for other in (f"best of N {contestant.name}", CONTROL)
        if other in names
    ]
