"""``actdsl runs``: the searches in a folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from actdsl.cli.options import json_option
from actdsl.errors import ActdslError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@json_option
def runs(folder: Path, as_document: bool) -> None:
    """List the searches in FOLDER, or in the current one, and in the folders within."""
    from actdsl.evolve.record.summary import summaries
    from actdsl.evolve.view import console, runs_table

    if not folder.is_dir():
        raise ActdslError(f"{folder} is no folder")
    found = summaries(folder)
    if as_document:
        rows = [{**asdict(summary), "path": str(summary.path)} for summary in found]
        click.echo(json.dumps({"runs": rows}, indent=2))
    elif found:
        console().print(runs_table(found))
    else:
        click.echo(f"no runs in {folder.absolute()}", err=True)
