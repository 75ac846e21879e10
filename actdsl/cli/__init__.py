"""The command line: one file per verb, imported when the verb is called."""

from actdsl.cli.group import main

__all__ = ["main"]
