"""A contest as a table for the terminal, as a document, and in one sentence a pair."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from actdsl.evolve.contest import Mean, Result, against, mean
from actdsl.evolve.settings import Settings
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
            known(row["sealed"]), known(row["interval"]),
            known(row["against"]), known(row["against_interval"]),
            known(row["confirmed"]), f"{row['minutes']:.1f}", f"{row['tokens']:.0f}",
            f"{row['usd']:.4f}",
        )  # fmt: skip
    return table


def known(found: float | Sequence[float] | None) -> str:
    """A number or an interval, or a dash where there is none."""
    if found is None:
        return "-"
    return number(found) if isinstance(found, float) else interval(found)


def contest_document(
    results: Sequence[Result], settings: Settings, control: str, pairs: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """All of a contest: what it was about, means, verdicts, and every run."""
    return {
        "suite": settings.suite,
        "candidates": settings.candidates,
        "control": control,
        "rows": contest_rows(results, control),
        "verdicts": list(verdicts(results, pairs)),
        "results": [asdict(result) for result in results],
    }


def contest_rows(results: Sequence[Result], control: str) -> list[dict[str, Any]]:
    """The table's rows as data: means over the runs, the best first, None where there are too few."""
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
                "sealed": _finite(sealed.value),
                "interval": _finite(*sealed.interval),
                "against": _finite(versus.value),
                "against_interval": _finite(*versus.interval),
                "confirmed": _finite(mean([r.confirmed for r in own if r.confirmed]).value),
                "minutes": _average(r.seconds / 60 for r in own),
                "tokens": _average(r.tokens for r in own),
                "usd": _average(r.usd for r in own),
            }
        )
    return sorted(rows, key=lambda row: math.inf if row["sealed"] is None else float(row["sealed"]))


def _finite(*values: float) -> Any:
    """The number, or the bounds as a list; None if one of them is not finite."""
    if not all(map(math.isfinite, values)):
        return None
    return values[0] if len(values) == 1 else list(values)


def verdicts(results: Sequence[Result], pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What the intervals allow to say of one against the other."""
    for one, other in pairs:
        found = against(results, one, other)
        bounds = _finite(*found.interval)
        what = _verdict(found) if bounds else "too few runs to tell"
        yield f"{one} against {other}: {known(_finite(found.value))} ({known(bounds)}): {what}"


def _verdict(found: Mean) -> str:
    low, high = found.interval
    if high < 1:
        return "it is better"
    return "it is worse" if low > 1 else "no difference is shown"


def _average(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
