"""``actdsl evolve``: the search."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.proposer_options import proposer_options, state_proposer
from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from actdsl.evolve import Archive, RunDirectory, Settings, Workers
    from actdsl.evolve.proposers import Proposer

_INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C ended."""


@click.command()
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    metavar="FILE|NAME",
    help="A first parent: a file, or a name in the zoo. May be given several times.",
)
@click.option(
    "--run",
    "path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the run is kept.  [default: runs/SEED-RNGSEED]",
)
@click.option(
    "--candidates",
    type=click.IntRange(1),
    metavar="N",
    help="How many are evaluated, the seeds among them.  [default: 200]",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    metavar="M",
    help="Stop proposing in time to end after so long.",
)
@click.option(
    "--tokens",
    type=click.IntRange(1),
    metavar="N",
    help="The most that models may read and write.",
)
@click.option(
    "--usd",
    type=click.FloatRange(0, min_open=True),
    metavar="D",
    help="The most that may be paid for them, in dollars.",
)
@proposer_options
@click.option(
    "--rng-seed",
    type=click.IntRange(0),
    metavar="N",
    help="Seed of all that is drawn.  [default: 0]",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes that evaluate.  [default: one a core]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="S",
    help="Seconds after which an evaluation is killed.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Evaluate on the Dask cluster there: tcp://host:8786."
)
@click.option("--suite", metavar="NAME", help="The lab's suite.  [default: micro]")
@click.option(
    "--seeds",
    "lab_seeds",
    type=click.IntRange(1),
    metavar="N",
    help="Networks trained for each task.  [default: the suite's]",
)
@click.option(
    "--max-flops",
    type=click.IntRange(1),
    metavar="N",
    help="Refuse what costs more.  [default: 40, or twice the dearest seed's]",
)
@click.option(
    "--allow-contextual",
    is_flag=True,
    default=None,
    help="Admit activations that look at the whole tensor.",
)
@click.option(
    "--no-racing",
    "racing",
    flag_value=False,
    default=None,
    type=bool,
    help="Train every candidate in full, however hopeless.",
)
@click.option(
    "--islands",
    type=click.IntRange(1),
    metavar="N",
    help="Populations that breed apart.  [default: 4]",
)
@click.option(
    "--in-flight",
    type=click.IntRange(1),
    metavar="N",
    help="Candidates on their way at a time: more workers than that are idle.  [default: 12]",
)
@click.option(
    "--no-tuning",
    "tuning",
    flag_value=False,
    default=None,
    type=bool,
    help="Leave the constants of good candidates as they were proposed.",
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
@click.option("--json", "as_document", is_flag=True, help="One JSON document on stdout.")
@click.option("--quiet", is_flag=True, help="No progress.")
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
    run.sqlite, everything that was asked, answered and measured. The same settings and random seed
    give the same result, at any number of workers. The run ends at the first limit that it meets:
    --candidates, --minutes, --tokens or --usd.
    """
    if not seeds and not resume:
        raise click.UsageError("give a first parent with --seed, for example --seed relu")
    if path is None:
        if not seeds:
            raise click.UsageError("say with --run which run to resume")
        path = Path("runs") / f"{Path(seeds[0]).stem}-{chosen['rng_seed'] or 0}"

    from actdsl.evolve import RunDirectory, holds_run
    from actdsl.evolve.proposers import make_proposer

    stated = _stated(seeds, chosen)
    goes_on = resume or (resume_if_there and holds_run(path))
    which = state_proposer(stated, begins=not goes_on)
    if goes_on:
        directory = _resumed(path, stated)
        proposer = make_proposer(directory.settings)
    else:
        settings = _settings(stated)
        proposer = make_proposer(settings)
        directory = RunDirectory.begin(path, settings, _command())
        if which and not quiet:
            click.echo(which, err=True)
    with closing(directory.store):
        evaluator = _evaluator(directory, workers, timeout, cluster)
        archive = _searched(ctx, directory, evaluator, proposer, quiet, not no_proof)
        _report(directory, archive, as_document)


def _stated(seeds: tuple[str, ...], chosen: dict[str, Any]) -> dict[str, Any]:
    """What the command line says of the settings, by their names."""
    from actdsl.cli.sources import load_source
    from actdsl.evolve.lab import SUITES

    stated = {key: value for key, value in chosen.items() if value is not None}
    if stated.get("suite", "micro") not in SUITES:
        raise click.BadParameter(f"use one of {', '.join(SUITES)}", param_hint="--suite")
    if "lab_seeds" in stated:
        stated["lab_seeds"] = tuple(range(stated["lab_seeds"]))
    if seeds:
        stated["seeds"] = tuple(load_source(name).text for name in seeds)
    return stated


def _settings(stated: dict[str, Any]) -> Settings:
    from actdsl.evolve import Settings
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.settings import affordable

    suite_seeds = SUITES[stated.get("suite", "micro")].seeds
    return Settings(
        **{"lab_seeds": suite_seeds, "max_flops": affordable(stated["seeds"]), **stated}
    )


def _resumed(path: Path, stated: dict[str, Any]) -> RunDirectory:
    """The run under the limits that are stated; its other settings stay."""
    from actdsl.evolve import RunDirectory, Settings
    from actdsl.evolve.settings import BUDGETS, ENDPOINT

    free = {*BUDGETS, *ENDPOINT}
    with closing(RunDirectory.look_at(path).store) as store:
        settings = Settings.from_json(store.fact("settings"))
    for name, value in stated.items():
        if name not in free and getattr(settings, name) != value:
            option = {"seeds": "seed", "lab_seeds": "seeds"}.get(name, name).replace("_", "-")
            raise ActdslError(
                f"{path} was begun with another --{option}: "
                "leave it out to go on, or choose another --run"
            )
    return RunDirectory.resume(path, **{k: v for k, v in stated.items() if k in free})


def _command() -> str:
    return shlex.join(["actdsl", *sys.argv[1:]])


def _evaluator(
    directory: RunDirectory, workers: int | None, timeout: float, cluster: str | None
) -> Workers:
    from actdsl.evolve import Workers, cores
    from actdsl.evolve.lab import SUITES

    executor = None
    if cluster is not None:
        from actdsl.evolve.cluster import Cluster

        executor = Cluster(cluster, timeout)
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
        ctx.exit(_INTERRUPTED)


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
