"""``actdsl zoo``: the built-in activations."""

from __future__ import annotations

import re

import click

from actdsl.cli.options import json_option


@click.command()
@json_option
def zoo(as_document: bool) -> None:
    """List the built-in activations with kind, cost and the first sentence of their rationale."""
    import json

    from rich.console import Console
    from rich.table import Table

    from actdsl.api import zoo as built_in

    if as_document:
        rows = [
            {"name": a.name, "kind": a.kind.value, "flops": a.flops, "rationale": a.rationale}
            for a in built_in.values()
        ]
        click.echo(json.dumps({"activations": rows}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "kind", "FLOPs", "what it is"):
        table.add_column(heading, justify="right" if heading == "FLOPs" else "left")
    for act in built_in.values():
        table.add_row(act.name, act.kind.value, str(act.flops), _first_sentence(act.rationale))
    Console().print(table)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.:;])\s", text.replace("\n", " "), maxsplit=1)[0]
