"""Where the best comes from: its ancestors as a tree, each with what changed from its parent."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.view.formula import formula
from actdsl.evolve.view.leaderboard import number
from actdsl.evolve.view.report.html import Html, joined, tag

_SIGNS = {"+": "added", "-": "removed", "@": "place"}


def tree(candidate: Candidate, everyone: Mapping[int, Candidate]) -> Html:
    """The candidate and its ancestors; one that comes up again is only named."""
    return tag("ul", _branch(candidate, everyone, set()), class_="tree")


def _branch(candidate: Candidate, everyone: Mapping[int, Candidate], shown: set[int]) -> Html:
    title = joined(
        [
            tag("b", f"{candidate.number} {candidate.name}"),
            f" {number(candidate.ratio)}, {candidate.operator}: ",
            tag("code", formula(candidate.text)),
        ]
    )
    if candidate.number in shown:
        return tag("li", tag("span", f"{candidate.number} {candidate.name}, as above"))
    shown.add(candidate.number)
    parents = [everyone[n] for n in candidate.parents if n in everyone]
    if not parents:
        return tag("li", title)
    changes = [tag("details", tag("summary", "what changed"), diff(parents[0], candidate))]
    branches = tag("ul", *(_branch(parent, everyone, shown) for parent in parents))
    return tag("li", title, *changes, branches)


def diff(parent: Candidate, child: Candidate) -> Html:
    """The child's text against the parent's, line by line."""
    names = f"{parent.number} {parent.name}", f"{child.number} {child.name}"
    lines = difflib.unified_diff(
        parent.text.splitlines(), child.text.splitlines(), *names, lineterm=""
    )
    return tag(
        "pre",
        *(tag("span", line + "\n", class_=_SIGNS.get(line[:1], "same")) for line in lines),
    )
