"""Running the command line in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from actdsl.cli.group import group

GOOD = """# Ripples help.
activation ripple(x):
    param a = 0.5 in [0, 1] per channel
    return gelu(x) * (1 + a * sinc(x))
"""
BAD = "activation f(x):\n    return geru(x) + y\n"


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    """What a command does."""
    return CliRunner().invoke(group, arguments, input=stdin)


def saved(folder: Path, name: str, text: str) -> str:
    """The path of a new file."""
    path = folder / name
    path.write_text(text)
    return str(path)
