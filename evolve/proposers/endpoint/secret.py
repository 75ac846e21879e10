"""A key for an endpoint: read, used, and never shown."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from actdsl.errors import ActdslError

VARIABLE = "OPENAI_API_KEY"
_SHORTEST = 8  # what is shorter is a placeholder, and occurs in other words


class Secret:
    """A key whose text only :meth:`reveal` gives."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Secret(...)"

    def reveal(self) -> str:
        """The key itself, for the client alone."""
        return self._key

    def scrub(self, text: str) -> str:
        """A text from elsewhere without the key, should it hold it."""
        if len(self._key) < _SHORTEST:
            return text
        return text.replace(self._key, "[key]").replace(quote(self._key, safe=""), "[key]")


def read_secret(path: Path | None) -> Secret | None:
    """The key in a file, or without one that of the environment; None if there is neither.

    Raises:
        ActdslError: the file cannot be read, or what was found is not one key.
    """
    if path is None:
        found = os.environ.get(VARIABLE, "").strip()
        return _one_key(found, f"the variable {VARIABLE}") if found else None
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ActdslError(f"cannot read the key file {path}: {reason}") from None
    return _one_key(found, f"the key file {path}")


def _one_key(text: str, place: str) -> Secret:
    if len(text.split()) != 1 or not text.isascii() or not text.isprintable():
        raise ActdslError(f"{place} should hold one key and nothing else")
    return Secret(text)
