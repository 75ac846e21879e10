"""``actdsl report``: a search as one HTML page."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from actdsl.cli.compare_search import DOCUMENT
from actdsl.errors import ActdslError
from actdsl.writing import writing


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the page goes.  [default: report.html in RUN]",
)
@click.option(
    "--compare",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Show the comparison that compare-search left there.  [default: where RUN is, if any]",
)
def report(run: Path, output: Path | None, compare: Path | None) -> None:
    """Write what the search in the folder RUN found, how, and at what cost, as one HTML page.

    The page needs no other file, loads nothing and runs no script. The search may be going on. How
    its way to search compares with others, at one budget, is shown if compare-search was run.
    """
    from actdsl.evolve import RunDirectory
    from actdsl.evolve.view.report import page

    directory = RunDirectory.look_at(run)
    with closing(directory.store):
        content = page(directory, _comparison(run, compare))
    path = output or run / "report.html"
    with writing(path):
        path.write_text(content, encoding="utf-8")
    click.echo(str(path))


def _comparison(run: Path, folder: Path | None) -> dict[str, Any] | None:
    """What compare-search left in a folder, by default in the one that the run is in."""
    path = (folder or run.absolute().parent) / DOCUMENT
    if folder is None and not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ActdslError(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict) or "verdicts" not in found:
        raise ActdslError(f"{path} is no comparison that compare-search wrote")
    return found
