"""``actdsl explain``: an error code at length."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", metavar="CODE")
def explain(code: str) -> None:
    """What an error or warning means, with an example and the way out."""
    from actdsl.errors import ActdslError
    from actdsl.grammar import explain as explanation

    try:
        click.echo(explanation(code))
    except KeyError:
        raise ActdslError(f"there is no code '{code}': codes look like E0301 and W0001") from None
