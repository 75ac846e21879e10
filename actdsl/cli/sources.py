"""Activations named on the command line: a file, or a name in the zoo."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from actdsl.api import Activation, load, zoo
from actdsl.errors import ActdslError


def load_source(name: str) -> Activation:
    """The activation of a file, or of that name in the zoo.

    Raises:
        SourceError: the file has errors.
        ActdslError: there is neither such a file nor such a name.
    """
    if Path(name).suffix == ".act" or Path(name).is_file():
        return load(name)
    if name in zoo:
        return zoo[name]
    close = get_close_matches(name, zoo, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    raise ActdslError(f"'{name}' is no .act file and not in the zoo: {hint}see `actdsl zoo`")
