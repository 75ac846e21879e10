"""Ways to search against each other, as a table: what `actdsl compare-search` left in its folder.

    actdsl compare-search --proposer llama --proposer grammar --best-of-n --candidates 300 --runs 4
    python benchmarks/compare_search.py runs/contest --output benchmarks/results/compare_search.json
    python benchmarks/compare_search.py --show          # the last results

Means and 95 % intervals are over runs of several random seeds; one row's loss over the control's is
paired by random seed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from actdsl.evolve.view.contest import known

RESULTS = Path(__file__).parent / "results" / "compare_search.json"


@click.command(help=__doc__)
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--output", type=click.Path(path_type=Path), help="Keep it there, as JSON.")
@click.option("--show", is_flag=True, help="Print results that are there already.")
def main(folder: Path | None, output: Path | None, show: bool) -> None:
    """Print a contest's table and its verdicts."""
    if not show and folder is None:
        raise click.UsageError("name the folder of a contest")
    source = output or RESULTS if folder is None else folder / "comparison.json"
    document = json.loads(source.read_text())
    if folder is not None and output is not None:
        output.write_text(json.dumps(document, indent=1) + "\n")
    click.echo(tables(document)["contest"])


def tables(document: dict[str, Any]) -> dict[str, str]:
    """A row a contestant, then a sentence a pair, as Markdown, by name."""
    control = document["control"]
    lines = [
        f"| | runs | sealed loss / ReLU's (95 % interval) | / {control}'s | minutes | tokens |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in document["rows"]:
        sealed = f"{known(row['sealed'])} ({known(row['interval'])})"
        against = f"{known(row['against'])} ({known(row['against_interval'])})"
        cells = [row["name"], str(row["runs"]), sealed, against if row["name"] != control else "1"]
        cells += [f"{row['minutes']:.1f}", f"{row['tokens']:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return {"contest": "\n".join([*lines, "", *(f"- {v}" for v in document["verdicts"])])}


if __name__ == "__main__":
    main()
