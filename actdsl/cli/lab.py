"""``actdsl lab``: activations scored in the micro-lab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from actdsl.api import Activation
    from actdsl.evolve import Outcome
    from actdsl.evolve.lab import Score


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE|NAME...")
@click.option(
    "--seeds",
    type=click.IntRange(1),
    metavar="N",
    help="Networks trained for each task.  [default: the suite's]",
)
@click.option("--suite", default="micro", show_default=True, metavar="NAME", help="The tasks.")
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where the networks are trained.",
)
@click.option("--json", "as_document", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def lab(
    ctx: click.Context,
    sources: tuple[str, ...],
    seeds: int | None,
    suite: str,
    device: str,
    as_document: bool,
) -> None:
    """Out-of-distribution loss of each FILE or zoo NAME, against ReLU's on the same networks.

    Small networks learn each task on one half of its range and are measured on the other. Below 1
    is better than ReLU.
    """
    from actdsl.cli.sources import load_source
    from actdsl.evolve.lab import SUITES

    if suite not in SUITES:
        raise click.BadParameter(f"use one of {', '.join(SUITES)}", param_hint="--suite")
    if device == "cuda":
        raise ActdslError("the lab does not train on a GPU yet: leave --device out")
    activations = [load_source(source) for source in sources]
    for activation in activations:
        if len(activation.inputs) != 1:
            raise ActdslError(
                f"{activation.name} takes {len(activation.inputs)} inputs; "
                "the lab's layers give an activation one"
            )
    lab_seeds = tuple(range(seeds)) if seeds else SUITES[suite].seeds
    results = _results([a.text for a in activations], suite, lab_seeds)
    rows = list(zip(activations, results, strict=True))
    for activation, (outcome, _) in rows:
        if outcome.error:
            click.echo(f"error: {activation.name} was not evaluated: {outcome.error}", err=True)
    scored = [(activation, score) for activation, (_, score) in rows]
    if as_document:
        click.echo(json.dumps(_document(scored, str(SUITES[suite]), lab_seeds), indent=2))
    else:
        _print_table(scored)
    if any(outcome.error for outcome, _ in results):
        ctx.exit(1)


def _results(texts: list[str], suite: str, seeds: tuple[int, ...]) -> list[tuple[Outcome, Score]]:
    """Outcome and score of each text."""
    from actdsl.evolve import Workers, cores
    from actdsl.evolve.scoring import BASELINE, Scoring

    with Workers(suite, seeds, min(cores(), 1 + len(texts))) as workers:
        outcomes = dict(workers.outcomes([BASELINE, *texts]))
    scoring = Scoring(suite, seeds, outcomes[0])
    return [(outcomes[i], scoring(outcomes[i])) for i in range(1, len(outcomes))]


def _document(
    scored: list[tuple[Activation, Score]], suite: str, seeds: tuple[int, ...]
) -> dict[str, Any]:
    from actdsl.evolve.view import score_document

    results = [score_document(act.name, score, act.flops) for act, score in scored]
    return {"suite": suite, "seeds": list(seeds), "results": results}


def _print_table(scored: list[tuple[Activation, Score]]) -> None:
    from actdsl.evolve.view import add_score, console, formula, score_table

    table = score_table("activation")
    for act, score in sorted(scored, key=lambda row: row[1].ratio):
        add_score(table, act.name, score, act.flops, formula(act.text))
    console().print(table)
