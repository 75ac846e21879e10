"""Options that several verbs have, and what is asked of options together."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, TypeVar

import click
from click.core import ParameterSource

Command = TypeVar("Command", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_document", is_flag=True, help="One JSON document on stdout."
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
workers_option = click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes that evaluate.  [default: one a core]",
)
suite_option = click.option("--suite", metavar="NAME", help="The lab's suite.  [default: micro]")
lab_seeds_option = click.option(
    "--seeds",
    "lab_seeds",
    type=click.IntRange(1),
    metavar="N",
    help="Networks trained for each task.  [default: the suite's]",
)


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """One decorator of several, the first on top."""

    def decorated(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


def refuse_idle(ctx: click.Context, names: Container[str], where: str) -> None:
    """Refuse what would change nothing, rather than pass over it in silence.

    Args:
        names: of the parameters that change nothing.
        where: under which circumstances, such as "beside --list".

    Raises:
        click.UsageError: the command line has one of them.
    """
    for param in ctx.command.params:
        stated = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if stated and param.name in names:
            hint = param.get_error_hint(ctx).strip("'")
            raise click.UsageError(f"{hint} changes nothing {where}: leave it out", ctx)
