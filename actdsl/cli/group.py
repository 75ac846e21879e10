"""The group of verbs, and what becomes of an error that a user can cause."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import click

_VERBS = {
    "check": "Diagnostics, kind, FLOPs, parameters of files.",
    "fmt": "Rewrite files in the canonical form.",
    "show": "Formula, LaTeX, derivative, cost and plot of an activation.",
    "compile": "Write an activation as one stand-alone Python file, or as PTX.",
    "bench": "Time a kernel against eager torch and torch.compile, here.",
    "lab": "Out-of-distribution scores in the micro-lab.",
    "evolve": "Search for better activations.",
    "runs": "The searches in a folder.",
    "report": "A search as one HTML page.",
    "replay": "Repeat a search from its log, bit for bit.",
    "compare-search": "Proposers against each other at equal budgets.",
    "zoo": "The built-in activations.",
    "doctor": "What works on this machine, and how to get the rest.",
    "explain": "An error code at length.",
}


class LazyGroup(click.Group):
    """Knows its verbs by name and one line, so that ``--help`` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of a day's work."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's own command."""
        if cmd_name not in _VERBS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"actdsl.cli.{module}"), module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their one line each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb and its words. None may be empty: what a shell's unset variable left is no wish.

        Raises:
            click.UsageError: there is no such verb, or a word is empty.
        """
        name, command, words = super().resolve_command(ctx, args)
        for before, word in pairwise([str(name), *words]):
            if not word or (word.startswith("--") and word.endswith("=")):
                raise click.UsageError(
                    f"the value after {word or before} is empty: give one, or leave it out",
                    ctx if command is None else click.Context(command, ctx, name),
                )
        return name, command, words

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; a user's error is shown without a traceback and ends with exit code 1."""
        from actdsl.errors import ActdslError

        try:
            return super().invoke(ctx)
        except ActdslError as error:
            click.echo(str(error) if "\n" in str(error) else f"error: {error}", err=True)
            ctx.exit(1)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("actdsl"), prog_name="actdsl")
def group() -> None:
    """A language for neural activation functions, a compiler to fast kernels, and a search."""


def main() -> None:
    """The console script."""
    try:
        group.main(prog_name="actdsl")
    except OSError as error:
        # What standard output still holds would be written, and fail, once more on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            what = error.filename or "the output"
            click.echo(f"error: cannot read or write {what}: {error.strerror}", err=True)
        sys.exit(1)
