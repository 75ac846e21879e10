"""``actdsl fmt``: the canonical form."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file would change.")
@click.pass_context
def fmt(ctx: click.Context, files: tuple[str, ...], check: bool) -> None:
    """Rewrite each FILE in the canonical form, comments kept. ``-`` reads stdin and writes stdout."""
    from actdsl.grammar import SourceError, decode, format_text, read_source
    from actdsl.writing import write_whole

    failed = False
    for file in files:
        try:
            before = decode(sys.stdin.buffer.read(), file) if file == "-" else read_source(file)
            after = format_text(before, file)
        except SourceError as error:
            click.echo(str(error), err=True)
            failed = True
            continue
        if file == "-" and not check:
            click.echo(after, nl=False)
        elif after != before:
            if check:
                click.echo(f"would reformat {file}", err=True)
                failed = True
            else:
                write_whole(file, after.encode())
                click.echo(f"reformatted {file}", err=True)
    if failed:
        ctx.exit(1)
