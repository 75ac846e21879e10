"""What a local model's run comes to: how much of what it wrote could be read, was new, was of use.

    actdsl evolve --seed relu --proposer llama --candidates 300 --run runs/llama
    python benchmarks/local_model.py runs/llama
    python benchmarks/local_model.py runs/llama --output benchmarks/results/local_model.json
    python benchmarks/local_model.py --show             # the last results

Everything is read from the run's log; nothing is computed anew but the parsing. An answer is what the
model wrote at one go; it is complete if the limit of tokens did not cut it. A proposal is the last of
up to three answers, the others being cut or known to the proposer.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import click

from actdsl.evolve import RunDirectory, Status
from actdsl.evolve.proposers import Proposal
from actdsl.evolve.proposers.local import OPERATOR
from actdsl.evolve.view.leaderboard import number
from actdsl.evolve.view.proof import interval
from actdsl.grammar import SourceError, parse

RESULTS = Path(__file__).parent / "results" / "local_model.json"
CUT = "half answer"
"""The trouble that is noted for an answer that was cut."""


@click.command(help=__doc__)
@click.argument("run", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--output", type=click.Path(path_type=Path), help="Keep it there, as JSON.")
@click.option("--show", is_flag=True, help="Print results that are there already.")
def main(run: Path | None, output: Path | None, show: bool) -> None:
    """Print a run's figures."""
    if show:
        document = json.loads((output or RESULTS).read_text())
    elif run is None:
        raise click.UsageError("name the folder of a run")
    else:
        document = figures(run)
        if output is not None:
            output.write_text(json.dumps(document, indent=1) + "\n")
    click.echo(tables(document)["run"])


def figures(path: Path) -> dict[str, Any]:
    """Counts, minutes and the proof of a run, finished or not."""
    directory = RunDirectory.look_at(path)
    with closing(directory.store) as store:
        written = {n: p for n, p in store.proposals().items() if p.operator == OPERATOR}
        settled = [c for c in store.settled() if c.number in written]
        complete = {n: len(p.exchanges) - p.troubles.count(CUT) for n, p in written.items()}
        refused = Counter(c.reason.partition(":")[0] for c in settled if c.status is Status.REFUSED)
        proof, archive = store.fact("proof"), directory.archive()
        return {
            "proposer": directory.settings.proposer,
            "suite": directory.settings.suite,
            "versions": store.fact("versions"),
            "ended": store.fact("ended") or "not yet",
            "evaluated": archive.evaluated,
            "proposals": len(settled),
            "answers": sum(len(p.exchanges) for p in written.values()),
            "complete": sum(complete.values()),
            "parse": sum(min(complete[n], _readable(p)) for n, p in written.items()),
            "new": sum(c.status is not Status.REFUSED for c in settled),
            "refused": dict(refused.most_common()),
            "seconds proposing": sum(p.cost.seconds for p in written.values()),
            "tokens": sum(p.cost.tokens for p in written.values()),
            "minutes": sum(store.sessions().values()) / 60,
            "champion": None if proof is None else proof["champions"][0],
        }


def _readable(proposal: Proposal) -> int:
    """How many of its answers parse; one that was cut may, by accident."""
    count = 0
    for turn in proposal.exchanges:
        with suppress(SourceError):
            parse(turn.answer)
            count += 1
    return count


def tables(found: dict[str, Any]) -> dict[str, str]:
    """The figures as a Markdown table, by name."""
    refused = ", ".join(f"{count} {kind}" for kind, count in found["refused"].items()) or "none"
    rows = [
        ("candidates evaluated", f"{found['evaluated']}; ended: {found['ended']}"),
        ("answers; complete", f"{found['answers']}; {found['complete']}"),
        ("complete answers that parse", _share(found["parse"], found["complete"])),
        ("proposals that are new functions and were evaluated", _share(found["new"], found["proposals"])),
        ("... of all complete answers", _share(found["new"], found["complete"])),
        ("refused", refused),
        ("minutes, all in all", f"{found['minutes']:.1f}"),
        ("seconds to a proposal", f"{found['seconds proposing'] / max(found['proposals'], 1):.1f}"),
    ]  # fmt: skip
    champion = found["champion"]
    if champion is not None:
        against = f"{number(champion['ratio'])} ({interval(champion['interval'])})"
        rows.append(("champion's sealed loss / ReLU's (95 % interval)", against))
    lines = ["| | |", "| --- | --- |", *(f"| {name} | {what} |" for name, what in rows)]
    return {"run": "\n".join(lines)}


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}, {part / max(whole, 1):.1%}"


if __name__ == "__main__":
    main()
