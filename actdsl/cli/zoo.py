"""``actdsl zoo``: the built-in activations."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_document", is_flag=True, help="One JSON document on stdout.")
def zoo(as_document: bool) -> None:
    """List the built-in activations with kind, cost and the first line of their rationale."""
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
        first_line = act.rationale.partition("\n")[0]
        table.add_row(act.name, act.kind.value, str(act.flops), first_line)
    Console().print(table)
