"""A folder's runs as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from actdsl.evolve.record.summary import Summary
from actdsl.evolve.view.leaderboard import number


def runs_table(found: Sequence[Summary]) -> Table:
    """A row a run."""
    table = Table(box=None, pad_edge=False)
    table.add_column("run", overflow="fold")
    table.add_column("proposer")
    table.add_column("evaluated", justify="right")
    table.add_column("minutes", justify="right")
    table.add_column("best", justify="right")
    table.add_column("name")
    table.add_column("ended")
    for summary in found:
        table.add_row(
            Text(str(summary.path)),
            Text(summary.proposer),
            f"{summary.evaluated} of {summary.wanted}",
            f"{summary.seconds / 60:.1f}",
            "-" if summary.ratio is None else number(summary.ratio),
            Text(summary.name),
            Text(summary.ended or "not yet"),
        )
    return table
