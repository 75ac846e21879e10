"""The proof for the terminal: the champion on the sealed suite, beside what everybody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from actdsl.evolve.view.leaderboard import number


def proof_table(proof: Mapping[str, Any]) -> Table:
    """Champions and rivals by their ratio; the first champion's loss over each rival's."""
    table = Table(box=None, pad_edge=False)
    champion = proof["champions"][0]
    for title in (str(proof["suite"]), "OOD / ReLU's", "95 % interval", "FLOPs",
                  f"{champion['name']} / it", "95 % interval"):  # fmt: skip
        table.add_column(title, justify="right" if "/ " in title or title == "FLOPs" else "left")
    for row in ranking(proof):
        pair = champion["against"].get(row["name"]) if row["number"] is None else None
        mark = " (looks at the whole tensor)" if row["contextual"] else ""
        table.add_row(
            Text(row["name"] + mark),
            number(row["ratio"]),
            interval(row["interval"]),
            str(row["flops"]),
            number(pair["ratio"]) if pair else "",
            interval(pair["interval"]) if pair else "",
            style="" if row["number"] is not None else "dim",
        )
    return table


def ranking(proof: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Champions and rivals, the best first; a rival that is a champion too, once."""
    champions = {row["hash"] for row in proof["champions"]}
    rivals = [row for row in proof["rivals"] if row["hash"] not in champions]
    return sorted([*proof["champions"], *rivals], key=lambda row: float(row["ratio"]))


def interval(bounds: Sequence[float]) -> str:
    """``0.512 to 0.640``"""
    return " to ".join(number(bound) for bound in bounds)
