"""``actdsl report``: a search as one HTML page."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from actdsl.errors import ActdslError


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the page goes.  [default: report.html in RUN]",
)
def report(run: Path, output: Path | None) -> None:
    """Write what the search in the folder RUN found, how, and at what cost, as one HTML page.

    The page needs no other file, loads nothing and runs no script. The search may be going on.
    """
    from actdsl.evolve import RunDirectory
    from actdsl.evolve.view.report import page

    directory = RunDirectory.look_at(run)
    with closing(directory.store):
        content = page(directory)
    path = output or run / "report.html"
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ActdslError(f"cannot write {path}: {error.strerror}") from error
    click.echo(str(path))
