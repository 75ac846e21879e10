"""Scores as tables for the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from actdsl.evolve.archive import Archive
from actdsl.evolve.lab import Score
from actdsl.evolve.view.formula import marked

_ROWS = 10
_WIDTH_OF_FILES = 140


def console() -> Console:
    """Standard output, wide enough for formulas where it is not a terminal."""
    found = Console()
    return found if found.is_terminal else Console(width=_WIDTH_OF_FILES)


def leaderboard(archive: Archive) -> Table:
    """The best candidates of a run, with the references where they would stand."""
    table = score_table("rank")
    ranked = archive.ranked[:_ROWS]
    ranks = {c.number: str(rank) for rank, c in enumerate(ranked, 1)}
    for candidate in sorted([*ranked, *archive.references], key=lambda c: (c.ratio, c.number)):
        add_score(
            table,
            ranks.get(candidate.number, candidate.name),
            candidate.standing,
            candidate.flops,
            marked(candidate.text),
            style="dim" if candidate.is_reference else "",
        )
    return table


def score_table(first: str) -> Table:
    """An empty table for :func:`add_score`; ``first`` heads its first column."""
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    table.add_column("OOD / ReLU's", justify="right")
    table.add_column("95 % interval")
    table.add_column("in distr.", justify="right")
    table.add_column("FLOPs", justify="right")
    table.add_column("formula", overflow="fold")
    return table


def add_score(
    table: Table, first: str, score: Score, flops: int, formula: str, style: str = ""
) -> None:
    """One activation's row."""
    low, high = score.interval
    table.add_row(
        Text(first),
        number(score.ratio),
        f"{number(low)} to {number(high)}",
        number(score.in_distribution),
        str(flops),
        Text(formula),
        style=style,
    )


def number(value: float) -> str:
    """Three digits after the point, or, of a large number, three in all."""
    return f"{value:.3f}" if value < 100 else f"{value:.3g}"
