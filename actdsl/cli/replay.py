"""``actdsl replay``: a search repeated from its log."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import click

from actdsl.cli.options import quiet_option, workers_option

_SHOWN = 10

_PATIENCE = 3600.0
"""Seconds for one evaluation: what hung in the run is not repeated, and the rest came to an end."""


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@workers_option
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the repetition there.  [default: nowhere]",
)
@quiet_option
@click.pass_context
def replay(
    ctx: click.Context, run: Path, workers: int | None, keep: Path | None, quiet: bool
) -> None:
    """Repeat the search in the folder RUN from its log and compare every number.

    What was proposed is read, so neither a model nor a network is needed; what can be computed is
    computed anew, whatever the cache of losses has. On the machine of the run all is as it was, at
    any number of workers; another processor may round otherwise. Exit code 1 if anything differs.
    """
    from actdsl.evolve import RunDirectory, Workers, cores
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.record.run_directory import check_lab
    from actdsl.evolve.replay import replay as repeat
    from actdsl.evolve.view import Progress

    original = RunDirectory.look_at(run)
    with ExitStack() as stack:
        stack.enter_context(closing(original.store))
        settings = original.settings
        check_lab(run, original.store, settings)
        path = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        suite = SUITES[settings.suite]
        workers = workers or cores()
        again = Workers(suite, workers, exact=True, timeout=_PATIENCE, anew=True)
        evaluator = stack.enter_context(again)
        progress = stack.enter_context(Progress(settings.candidates, quiet=quiet))
        found = repeat(original, path, evaluator, progress)
    if found.differences:
        for line in found.differences[:_SHOWN]:
            click.echo(line, err=True)
        click.echo(f"error: {len(found.differences)} differences from {run}", err=True)
        ctx.exit(1)
    click.echo(
        f"{run} repeated: {found.candidates} candidates and {found.evaluations} evaluations as they were"
    )
