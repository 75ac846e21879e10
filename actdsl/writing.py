"""Files that are written, and the one line that says why one could not be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actdsl.errors import ActdslError


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Around what writes a file, or makes a folder.

    Raises:
        ActdslError: in the place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise ActdslError(f"cannot write {path}: {error.strerror or error}") from error


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file so that whoever reads it sees the old content or the new, whole.

    Permissions stay as they were; of a link, the file that it leads to is written.

    Raises:
        ActdslError: the disk is full or the folder cannot be written to.
    """
    with writing(path):
        target = Path(path).resolve()
        beside = target.with_name(f".{target.name}.part")
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
