"""``actdsl check``: diagnostics and facts of files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.options import json_option

if TYPE_CHECKING:
    from actdsl.api import Activation
    from actdsl.grammar import Diagnostic


@dataclass(frozen=True)
class Checked:
    """One file, what it means if it means anything, and what there is to say about it."""

    file: str
    source: str
    activation: Activation | None
    diagnostics: list[Diagnostic]

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return all(d.severity != "error" for d in self.diagnostics)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
@click.option(
    "--max-flops",
    type=click.IntRange(0),
    metavar="N",
    help="Reject activations that cost more per element.",
)
@click.pass_context
def check(
    ctx: click.Context, files: tuple[str, ...], as_document: bool, max_flops: int | None
) -> None:
    """Diagnostics, kind, FLOPs, parameters and hash of each FILE."""
    from actdsl.grammar import render

    checked = [check_file(file, max_flops) for file in files]
    if as_document:
        click.echo(json.dumps({"files": [_document(item) for item in checked]}, indent=2))
    else:
        for item in checked:
            if item.diagnostics:
                click.echo(render(item.diagnostics, item.source, item.file), err=True)
            if item.activation is not None:
                click.echo(_summary(item.activation))
    if not all(item.ok for item in checked):
        ctx.exit(1)


def check_file(file: str, max_flops: int | None = None) -> Checked:
    """Everything that can be said of one file."""
    from actdsl.api import activation_of
    from actdsl.grammar import SourceError, domain_warnings, over_budget, parse, read_source

    source = ""
    try:
        source = read_source(file)
        parsed = parse(source, file)
    except SourceError as error:
        return Checked(file, source, None, list(error.diagnostics))
    activation = activation_of(parsed.program)
    diagnostics = [*parsed.warnings, *domain_warnings(parsed)]
    if max_flops is not None and activation.flops > max_flops:
        diagnostics.append(over_budget(parsed, activation.flops, max_flops))
    return Checked(file, source, activation, diagnostics)


def _summary(activation: Activation) -> str:
    price = activation.cost
    parts = [
        f"{activation.name}({', '.join(activation.inputs)}): {activation.kind.value}",
        f"{price.flops} FLOPs",
        f"{price.transcendentals} transcendental",
        "shape in = shape out",
        *(f"param {p.name} = {p.initial:g}" for p in activation.params),
        activation.hash,
    ]
    return ", ".join(parts)


def _document(item: Checked) -> dict[str, Any]:
    from actdsl.grammar import as_json

    act = item.activation
    return {
        "file": item.file,
        "ok": item.ok,
        "name": act and act.name,
        "kind": act and act.kind.value,
        "flops": act and act.flops,
        "transcendentals": act and act.cost.transcendentals,
        "bytes": act and act.cost.bytes,
        "hash": act and act.hash,
        "fingerprint": act and act.fingerprint,
        "inputs": list(act.inputs) if act else None,
        "params": [
            {
                "name": p.name,
                "initial": p.initial,
                "lower": p.lower,
                "upper": p.upper,
                "per_channel": p.per_channel,
            }
            for p in (act.params if act else ())
        ],
        "diagnostics": [as_json(d) for d in item.diagnostics],
    }
