"""``actdsl evolve``: the search."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from actdsl.evolve import Archive, RunDirectory, Settings

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
    "--proposer",
    type=click.Choice(["auto", "grammar", "random"]),
    help="What writes candidates.  [default: auto]",
)
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
@click.option("--resume", is_flag=True, help="Go on with the run in --run, with its settings.")
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
    resume: bool,
    resume_if_there: bool,
    as_document: bool,
    quiet: bool,
    **chosen: Any,
) -> None:
    """Search for activations that do better out of distribution than ReLU.

    Ends with a leaderboard. The run's folder holds best.act, best.json, curve.png and, in
    run.sqlite, every candidate. The same settings and random seed give the same result.
    """
    if not seeds and not resume:
        raise click.UsageError("give a first parent with --seed, for example --seed relu")
    if path is None:
        if not seeds:
            raise click.UsageError("say with --run which run to resume")
        path = Path("runs") / f"{Path(seeds[0]).stem}-{chosen['rng_seed'] or 0}"

    from actdsl.evolve import RunDirectory, holds_run

    stated = _stated(seeds, chosen)
    if resume or (resume_if_there and holds_run(path)):
        directory = RunDirectory.resume(path)
        _check_unchanged(directory, stated)
    else:
        directory = RunDirectory.begin(path, _settings(stated), _command())
    with closing(directory.store):
        archive = _searched(ctx, directory, workers, quiet)
        _report(directory, archive, as_document)


def _stated(seeds: tuple[str, ...], chosen: dict[str, Any]) -> dict[str, Any]:
    """What the command line says of the settings, by their names."""
    from actdsl.cli.sources import load_source
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.proposers import BEST

    stated = {key: value for key, value in chosen.items() if value is not None}
    if stated.get("suite", "micro") not in SUITES:
        raise click.BadParameter(f"use one of {', '.join(SUITES)}", param_hint="--suite")
    if stated.get("proposer") == "auto":
        stated["proposer"] = BEST
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


def _check_unchanged(directory: RunDirectory, stated: dict[str, Any]) -> None:
    for name, value in stated.items():
        begun_with = getattr(directory.settings, name)
        if begun_with != value:
            option = {"seeds": "seed", "lab_seeds": "seeds"}.get(name, name).replace("_", "-")
            raise ActdslError(
                f"{directory.path} was begun with another --{option}: "
                "leave it out to go on, or choose another --run"
            )


def _command() -> str:
    return shlex.join(["actdsl", *sys.argv[1:]])


def _searched(
    ctx: click.Context, directory: RunDirectory, workers: int | None, quiet: bool
) -> Archive:
    from actdsl.evolve import Workers, cores, run
    from actdsl.evolve.view import Progress

    settings = directory.settings
    try:
        with (
            Workers(settings.suite, settings.lab_seeds, workers or cores()) as evaluator,
            Progress(settings.candidates, quiet=quiet) as progress,
        ):
            return run(directory, evaluator, progress)
    except KeyboardInterrupt:
        resume = shlex.join(["actdsl", "evolve", "--resume", "--run", str(directory.path)])
        click.echo(f"stopped; nothing finished is lost. To go on: {resume}", err=True)
        ctx.exit(_INTERRUPTED)


def _report(directory: RunDirectory, archive: Archive, as_document: bool) -> None:
    from actdsl.evolve.view import console, leaderboard, run_document

    if as_document:
        click.echo(json.dumps(run_document(directory, archive), indent=2))
        return
    output = console()
    output.print(leaderboard(archive))
    refused = ", ".join(f"{count} {kind}" for kind, count in archive.refusals.most_common())
    output.print(
        f"\n{archive.evaluated} evaluated; refused unseen: {refused or 'none'}\n"
        f"{directory.path}: best.act, best.json, curve.png, run.sqlite",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
