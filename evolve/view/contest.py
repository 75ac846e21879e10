"""A contest as a table for the terminal, as data, and in one sentence a contestant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from actdsl.evolve.contest import Mean, Result, against, mean
from actdsl.evolve.view.leaderboard import number
from actdsl.evolve.view.proof import interval


def contest_table(results: Sequence[Result], control: str) -> Table:
    """A row a contestant: what its champions are worth, and against the control's."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "runs", "evaluated", "sealed / ReLU's", "95 % interval", f"/ {control}'s",
                  "95 % interval", "fresh seeds", "minutes", "tokens", "USD"):  # fmt: skip
        table.add_column(title, justify="right" if title else "left")
    for row in contest_rows(results, control):
        table.add_row(
            Text(row["name"]), str(row["runs"]), f"{row['evaluated']:g}",
            number(row["sealed"]), interval(row["interval"]),
            number(row["against"]), interval(row["against_interval"]),
            number(row["confirmed"]), f"{row['minutes']:.1f}", f"{row['tokens']:g}",
            f"{row['usd']:.4f}",
        )  # fmt: skip
    return table


def contest_rows(results: Sequence[Result], control: str) -> list[dict[str, Any]]:
    """The same as data; means over the runs, the best first."""
    rows = []
    for name in dict.fromkeys(result.contestant for result in results):
        own = [result for result in results if result.contestant == name]
        sealed = mean([r.sealed for r in own if r.sealed is not None])
        versus = against(results, name, control)
        rows.append(
            {
                "name": name,
                "runs": len(own),
                "evaluated": _average(r.evaluated for r in own),
                "sealed": sealed.value,
                "interval": sealed.interval,
                "against": versus.value,
                "against_interval": versus.interval,
                "confirmed": mean([r.confirmed for r in own if r.confirmed is not None]).value,
                "minutes": _average(r.seconds / 60 for r in own),
                "tokens": _average(r.tokens for r in own),
                "usd": _average(r.usd for r in own),
            }
        )
    return sorted(rows, key=lambda row: float(row["sealed"]))


def verdicts(results: Sequence[Result], pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What the intervals allow to say of one against the other."""
    for one, other in pairs:
        found = against(results, one, other)
        yield f"{one} against {other}: {number(found.value)} ({interval(found.interval)}): " + (
            _verdict(found)
        )


def _verdict(found: Mean) -> str:
    low, high = found.interval
    if high < 1:
        return "it is better"
    return "it is worse" if low > 1 else "no difference is shown"


def _average(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
