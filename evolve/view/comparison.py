"""Activations side by side, as a table for the terminal and as data for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from actdsl.evolve.comparison import Entry
from actdsl.evolve.lab import Aggregate
from actdsl.evolve.view.document import score_document
from actdsl.evolve.view.leaderboard import number

HEADINGS = {
    Aggregate.GEOMEAN: "OOD / ReLU's",
    Aggregate.MEAN: "mean OOD / ReLU's",
    Aggregate.RANK: "mean rank",
}
"""What the number is that activations are ranked by."""


def comparison_table(
    entries: Sequence[Entry], how: Aggregate, nanoseconds: Mapping[str, float]
) -> Table:
    """The best first: its number with an interval, then what it is made of, and the cost."""
    families = sorted({family for entry in entries for family in entry.score.families})
    table = Table(box=None, pad_edge=False)
    table.add_column("activation")
    table.add_column(HEADINGS[how], justify="right")
    table.add_column("95 % interval")
    for heading in (*families, "in distr.", "beats ReLU", "beats GELU", "diverged", "FLOPs", "ns"):
        table.add_column(heading, justify="right")
    for entry in sorted(entries, key=lambda entry: entry.aggregated.value):
        low, high = entry.aggregated.interval
        table.add_row(
            Text(entry.name),
            number(entry.aggregated.value),
            f"{number(low)} to {number(high)}",
            *(number(entry.score.families[family]) for family in families),
            number(entry.score.in_distribution),
            *(f"{entry.score.wins[rival]:.0%}" for rival in ("relu", "gelu")),
            f"{entry.score.diverged:.0%}" if entry.score.learnt else "learns nothing",
            str(entry.flops),
            f"{nanoseconds[entry.name]:.2f}" if entry.name in nanoseconds else "-",
        )
    return table


def comparison_rows(
    entries: Sequence[Entry], nanoseconds: Mapping[str, float]
) -> list[dict[str, Any]]:
    """One object for each activation, in the order given; ``ratio`` is always the geometric mean."""
    return [
        {
            **score_document(entry.name, entry.score, entry.flops),
            "value": entry.aggregated.value,
            "value_interval": list(entry.aggregated.interval),
            "nanoseconds": nanoseconds.get(entry.name),
            "error": entry.error,
        }
        for entry in entries
    ]
