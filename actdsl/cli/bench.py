"""``actdsl bench``: this kernel against eager torch and torch.compile, here."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|NAME...")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--size", default=2**20, show_default=True, help="Elements of the tensor.")
@click.option("--runs", default=30, show_default=True, help="Counted runs of each way.")
@click.option("--threads", default=1, show_default=True, help="Threads that torch may use.")
@click.option("--json", "as_document", is_flag=True, help="One JSON document on stdout.")
def bench(
    names: tuple[str, ...], device: str, size: int, runs: int, threads: int, as_document: bool
) -> None:
    """Time forward + backward in float32, the three ways taking turns; medians and quartiles."""
    import torch
    from rich.console import Console
    from rich.table import Table

    from actdsl.backends.timing import compare
    from actdsl.cli.sources import load_source
    from actdsl.errors import ActdslError

    if device == "cuda" and not torch.cuda.is_available():
        raise ActdslError("there is no CUDA device here: use --device cpu")
    torch.set_num_threads(threads)
    results = {act.name: compare(act, size, device, runs) for act in map(load_source, names)}
    if as_document:
        rows = [
            {"name": name, "timings": {kind: asdict(timing) for kind, timing in row.items()}}
            for name, row in results.items()
        ]
        document = {"device": device, "size": size, "threads": threads, "unit": "ms"}
        click.echo(json.dumps({**document, "results": rows}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "way", "first ms", "median ms", "quartiles", "actdsl is faster by"):
        table.add_column(heading, justify="left" if heading in ("name", "way") else "right")
    for name, row in results.items():
        for kind, timing in row.items():
            table.add_row(
                name if kind == "actdsl" else "",
                kind,
                f"{timing.first:.0f}",
                f"{timing.median:.2f}",
                f"{timing.low:.2f} to {timing.high:.2f}",
                "" if kind == "actdsl" else f"{timing.median / row['actdsl'].median:.2f}x",
            )
    console = Console()
    console.print(f"forward + backward of {size} float32 on {device}, torch threads: {threads}")
    console.print(table)
