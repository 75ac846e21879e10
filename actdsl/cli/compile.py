"""``actdsl compile``: an activation as one stand-alone file."""

from __future__ import annotations

from pathlib import Path

import click

from actdsl.cli.options import refuse_idle


@click.command()
@click.argument("file", metavar="FILE|NAME")
@click.option("--backend", required=True, type=click.Choice(["torch", "numba", "cuda", "jax"]))
@click.option("-o", "output", metavar="PATH", help="Where to write; by default to stdout.")
@click.option("--emit", type=click.Choice(["source", "ptx"]), default="source", show_default=True)
@click.option("--cc", default="9.0", show_default=True, help="Compute capability, with --emit ptx.")
@click.option(
    "--dtype",
    type=click.Choice(["float16", "bfloat16", "float32", "float64"]),
    default="float32",
    show_default=True,
    help="Of the tensors, with --emit ptx.",
)
@click.option("--fast", is_flag=True, help="Hardware approximations in float32 too, with cuda.")
@click.option("--simplify", is_flag=True, help="Compile the form that sympy finds cheaper, if any.")
@click.pass_context
def compile(
    ctx: click.Context,
    file: str,
    backend: str,
    output: str | None,
    emit: str,
    cc: str,
    dtype: str,
    fast: bool,
    simplify: bool,
) -> None:
    """Write FILE (or a zoo activation) as code that runs without actdsl."""
    from actdsl.api import simplify as simplified
    from actdsl.backends import source
    from actdsl.cli.sources import load_source
    from actdsl.writing import writing

    activation = load_source(file)
    if simplify:
        activation = simplified(activation)
    if emit == "ptx":
        if backend != "cuda":
            raise click.UsageError("--emit ptx goes with --backend cuda")
        from actdsl.backends import ptx

        text = ptx(activation, _capability(cc), dtype, fast)
    else:
        refuse_idle(ctx, ("cc", "dtype"), "without --emit ptx")
        text = source(activation, backend, fast)
    if output is None:
        click.echo(text, nl=False)
        return
    with writing(output):
        Path(output).write_text(text, encoding="utf-8")
    click.echo(f"wrote {output}", err=True)


def _capability(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        raise click.BadParameter(
            f"'{text}' is not a compute capability such as 9.0", param_hint="--cc"
        )
    return int(major), int(minor)
