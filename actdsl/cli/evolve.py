"""``actdsl evolve``: the search."""

from __future__ import annotations

import json
import shlex
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.finite import FiniteRange
from actdsl.cli.options import json_option, quiet_option, refuse_idle, workers_option
from actdsl.cli.proposer_options import model_options, proposer_option, state_proposer
from actdsl.cli.search_options import (
    limit_options,
    new_settings,
    resumed_run,
    search_options,
    seeds_option,
    stated_settings,
)
from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from actdsl.evolve import Archive, RunDirectory, Workers
    from actdsl.evolve.proposers import Proposer

INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C ended."""


@click.command()
@seeds_option
@click.option(
    "--run",
    "path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the run is kept.  [default: runs/SEED-RNGSEED]",
)
@limit_options
@click.option(
    "--rng-seed",
    type=click.IntRange(0),
    metavar="N",
    help="Seed of all that is drawn.  [default: 0]",
)
@search_options
@proposer_option
@model_options
@workers_option
@click.option(
    "--timeout",
    type=FiniteRange(0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="S",
    help="Seconds after which an evaluation is killed.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Evaluate on the Dask cluster there: tcp://host:8786."
)
@click.option(
    "--no-proof", is_flag=True, help="Do not score the best on the sealed suite at the end."
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run in --run, with its settings, or with new limits.",
)
@click.option(
    "--resume-if-there",
    is_flag=True,
    help="Go on with the run in --run if there is one, else begin it.",
)
@json_option
@quiet_option
@click.pass_context
def evolve(
    ctx: click.Context,
    /,
    seeds: tuple[str, ...],
    path: Path | None,
    workers: int | None,
    timeout: float,
    cluster: str | None,
    no_proof: bool,
    resume: bool,
    resume_if_there: bool,
    as_document: bool,
    quiet: bool,
    **chosen: Any,
) -> None:
    """Search for activations that do better out of distribution than ReLU.

    Ends with a leaderboard. The run's folder holds best.act, best.json, curve.png and, in
    run.sqlite, everything that was asked, answered and measured. The run ends at the first limit
    that it meets: --candidates, --minutes, --tokens or --usd.

    With one proposer that is grammar, random or a local model, and no limit on minutes, the same
    settings and random seed give the same result on the same kind of machine, at any number of
    workers, interrupted or not. What a model behind an endpoint answers, which of several proposers
    is chosen, and what --minutes cuts off depends on more than that: `actdsl replay` repeats any
    run from its log.
    """
    start = time.monotonic()
    if not seeds and not resume:
        raise click.UsageError("give a first parent with --seed, for example --seed relu")
    if path is None:
        if not seeds:
            raise click.UsageError("say with --run which run to resume")
        path = Path("runs") / f"{Path(seeds[0]).stem}-{chosen['rng_seed'] or 0}"

    if cluster is not None:
        refuse_idle(ctx, ("workers",), "beside --cluster")

    from actdsl.evolve import RunDirectory, holds_run
    from actdsl.evolve.proposers import make_proposer

    stated = stated_settings(seeds, chosen)
    goes_on = resume or (resume_if_there and holds_run(path))
    which = state_proposer(stated, begins=not goes_on)
    executor = None if cluster is None else _cluster(cluster, timeout)
    with ExitStack() as stack:
        if goes_on:
            directory = resumed_run(path, stated, _command(), start)
            stack.callback(directory.store.close)
            proposer = make_proposer(directory.settings)
        else:
            settings = new_settings(stated)
            proposer = make_proposer(settings)  # a run that nobody can write for is not begun
            directory = RunDirectory.begin(path, settings, _command(), start)
            stack.callback(directory.store.close)
            if which and not quiet:
                click.echo(which, err=True)
        evaluator = _evaluator(directory, workers, timeout, executor)
        archive = _searched(ctx, directory, evaluator, proposer, quiet, not no_proof)
        _report(directory, archive, as_document)
        _check_answered(directory)


def _check_answered(directory: RunDirectory) -> None:
    """A search that nobody wrote for found nothing.

    Raises:
        ActdslError: proposals were asked for, and none was answered.
    """
    asked = [p for p in directory.store.proposals().values() if p.operator != "seed"]
    if asked and not any(proposal.text for proposal in asked):
        raise ActdslError(f"nobody answered; ended: {directory.store.fact('ended')}")


def _command() -> str:
    return shlex.join(["actdsl", *sys.argv[1:]])


def _cluster(address: str, timeout: float) -> Executor:
    from actdsl.evolve.evaluation.cluster import Cluster

    return Cluster(address, timeout)


def _evaluator(
    directory: RunDirectory, workers: int | None, timeout: float, executor: Executor | None
) -> Workers:
    from actdsl.evolve import Workers, cores
    from actdsl.evolve.lab import SUITES

    suite = SUITES[directory.settings.suite]
    return Workers(suite, workers or cores(), exact=True, timeout=timeout, executor=executor)


def _searched(
    ctx: click.Context,
    directory: RunDirectory,
    workers: Workers,
    proposer: Proposer,
    quiet: bool,
    proof: bool,
) -> Archive:
    from actdsl.evolve import run
    from actdsl.evolve.view import Progress

    settings = directory.settings
    try:
        with workers as evaluator, Progress(settings.candidates, quiet=quiet) as progress:
            return run(directory, evaluator, proposer, progress, proof)
    except KeyboardInterrupt:
        resume = shlex.join(["actdsl", "evolve", "--resume", "--run", str(directory.path)])
        click.echo(f"stopped; nothing finished is lost. To go on: {resume}", err=True)
        ctx.exit(INTERRUPTED)


def _report(directory: RunDirectory, archive: Archive, as_document: bool) -> None:
    from actdsl.evolve.view import console, leaderboard, proof_table, run_document

    if as_document:
        click.echo(json.dumps(run_document(directory, archive), indent=2))
        return
    output = console()
    output.print(leaderboard(archive))
    proof = directory.store.fact("proof")
    if proof is not None:
        output.print("\nOn tasks and seeds that the search never saw:", highlight=False)
        output.print(proof_table(proof))
    refused = ", ".join(f"{count} {kind}" for kind, count in archive.refusals.most_common())
    output.print(
        f"\n{archive.evaluated} evaluated; refused unseen: {refused or 'none'}\n"
        f"ended: {directory.store.fact('ended')}\n"
        f"{directory.path}: best.act, best.json, curve.png, run.sqlite",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
