"""The report's first chapter: the champions on the suite that the search never saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actdsl.evolve.view.leaderboard import number
from actdsl.evolve.view.proof import interval, ranking
from actdsl.evolve.view.report.html import Html, section, table, tag


def proof_section(proof: Mapping[str, Any] | None) -> Html:
    """Scores against ReLU, and each champion against each rival; says so if there is none."""
    if proof is None:
        return section("Proof", tag("p", "The champions were not scored on the sealed suite."))
    rows = [
        [
            tag("b", row["name"]) if row["number"] is not None else tag("span", _marked(row)),
            number(row["ratio"]),
            interval(row["interval"]),
            number(row["in_distribution"]),
            row["flops"],
        ]
        for row in ranking(proof)
    ]
    names = [row["name"] for row in proof["rivals"]]
    against = [
        [tag("b", row["name"]), *(_verdict(row["against"][name]) for name in names)]
        for row in proof["champions"]
    ]
    return section(
        "Proof",
        tag(
            "p",
            f"Scored once, at the end, on {proof['suite']} with seeds "
            f"{', '.join(map(str, proof['seeds']))}: tasks and seeds that the search never saw. "
            "The champions, in bold, were chosen before.",
        ),
        table(["", "loss / ReLU's", "95 % interval", "in distribution", "FLOPs"], rows),
        tag(
            "p",
            "Each champion's loss over each rival's, with its 95 % interval; below 1 is better:",
        ),
        table(["", *names], against),
    )


def _marked(row: Mapping[str, Any]) -> str:
    return f"{row['name']} (looks at the whole tensor)" if row["contextual"] else str(row["name"])


def _verdict(pair: Mapping[str, Any]) -> Html:
    return tag("span", f"{number(pair['ratio'])} ({interval(pair['interval'])})")
