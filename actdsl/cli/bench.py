"""``actdsl bench``: this kernel against what one would run instead, here."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.finite import FiniteRange
from actdsl.cli.options import json_option, refuse_idle
from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from actdsl.api import Activation
    from actdsl.backends.timing import Cell, Latency

_SIZE = re.compile(r"(?:(\d+)(?:\^|\*\*))?(\d+)")


def _sizes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Numbers of elements such as ``1000`` or ``2^20``; at most 2^30, which is 4 GiB a tensor."""
    return tuple(map(_elements, value.split(","))) if value is not None else ()


def _elements(text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"'{text}' is not a number of elements such as 1000 or 2^20")
    base, last = match.groups()
    size = int(last[:10]) if base is None else int(base[:10]) ** min(int(last[:3]), 31)
    if not 1 <= size <= 2**30:
        raise click.BadParameter(f"'{text}' is not between 1 and 2^30")
    return size


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|NAME...")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--sizes",
    callback=_sizes,
    default="2^10,2^14,2^18,2^20,2^22,2^24",
    show_default=True,
    metavar="N,N...",
    help="Elements of the tensors.",
)
@click.option("--size", callback=_sizes, metavar="N", help="One size in place of --sizes.")
@click.option(
    "--ways",
    metavar="WAY,...",
    help="What to compare, such as actdsl,torch.compile.  [default: all there is]",
)
@click.option(
    "--seconds",
    type=FiniteRange(0.0),
    default=0.5,
    show_default=True,
    help="Time for each size, forward alone and with backward; five runs are made anyway.",
)
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads, and cores."
)
@click.option("--latency", is_flag=True, help="Also from text to first gradient, cold and warm.")
@click.option("--plot", "picture", metavar="OUT.png", help="Also draw time against size.")
@json_option
@click.pass_context
def bench(
    ctx: click.Context,
    names: tuple[str, ...],
    device: str,
    sizes: tuple[int, ...],
    size: tuple[int, ...],
    ways: str | None,
    seconds: float,
    threads: int,
    latency: bool,
    picture: str | None,
    as_document: bool,
) -> None:
    """Time each FILE or zoo NAME in float32, all ways taking turns; medians and quartiles.

    Forward alone, and forward with backward: our kernel; eager torch; torch's own kernel, where it
    has one; torch.compile of whichever of these it makes faster; and JAX, where it is installed.
    `zoo` stands for all of the zoo.
    """
    import torch

    from actdsl.backends import timing

    if size:
        refuse_idle(ctx, ("sizes",), "beside --size")
    if device == "cuda" and not torch.cuda.is_available():
        raise ActdslError("there is no CUDA device here: use --device cpu")
    chosen = timing.DEFAULT_WAYS if ways is None else tuple(dict.fromkeys(ways.split(",")))
    if unknown := [way for way in chosen if way not in timing.WAYS]:
        raise click.BadParameter(
            f"there is no way '{unknown[0]}': use some of {','.join(timing.WAYS)}",
            param_hint="--ways",
        )
    activations = _activations(names)
    results: dict[str, list[Cell]] = {}
    latencies: dict[str, dict[str, Latency]] = {}
    with timing.threads(threads):
        absent = {way: why for way in chosen if (why := timing.absent(way, device))}
        for act in activations:
            results[act.name] = []
            for n in size or sizes:
                click.echo(f"{act.name}: {n} elements", err=True)
                results[act.name] += timing.measure(act, [n], chosen, device, seconds)
    for act in activations if latency else ():
        click.echo(f"{act.name}: from text to first gradient", err=True)
        latencies[act.name] = timing.compile_latency(act)
    for way, why in {**absent, **_failures(results)}.items():
        click.echo(f"note: {way} is left out: {why}", err=True)
    if picture is not None:
        _draw(results, picture)
    if as_document:
        head = {"device": device, "threads": threads, "unit": "s", "absent": absent}
        machine = timing.description(device)
        rows = _rows(results, latencies)
        click.echo(json.dumps({**head, "machine": machine, "results": rows}, indent=2))
    else:
        _print(results, latencies, f"float32 on {device}, {threads} thread(s)")


def _activations(names: tuple[str, ...]) -> list[Activation]:
    from actdsl.api import zoo
    from actdsl.cli.sources import load_source

    return [load_source(n) for name in names for n in (zoo if name == "zoo" else (name,))]


def _failures(results: dict[str, list[Cell]]) -> dict[str, str]:
    cells = [(name, cell) for name, found in results.items() for cell in found]
    return {f"{way} of {name}": why for name, cell in cells for way, why in cell.failed}


def _draw(results: dict[str, list[Cell]], path: str) -> None:
    from pathlib import Path

    from actdsl.backends.timing import picture
    from actdsl.writing import writing

    with writing(path):
        Path(path).write_bytes(picture(results))
    click.echo(f"plot: {path}", err=True)


def _rows(
    results: dict[str, list[Cell]], latencies: dict[str, dict[str, Latency]]
) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "cells": [cell.document() for cell in cells],
            "latency": {way: asdict(found) for way, found in latencies.get(name, {}).items()},
        }
        for name, cells in results.items()
    ]


def _print(
    results: dict[str, list[Cell]], latencies: dict[str, dict[str, Latency]], title: str
) -> None:
    from rich.console import Console

    from actdsl.backends.timing import TASKS, latency_table, time_table

    console = Console()
    console.print(f"{title}: medians, ± half the distance between the quartiles\n")
    for task in TASKS:
        console.print(time_table(results, task), "")
    if latencies:
        console.print(latency_table(latencies))
