"""Files that verbs write, and the one line that says why one could not be written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actdsl.errors import ActdslError


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Around what writes a file.

    Raises:
        ActdslError: in the place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise ActdslError(f"cannot write {path}: {error.strerror}") from None


def rewrite(path: str | Path, text: str) -> None:
    """Put a text in the place of a file's, which stays as it is should the disk be full.

    Raises:
        ActdslError: it cannot be written.
    """
    with writing(path):
        target = Path(path).resolve()
        beside = target.with_name(f".{target.name}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
