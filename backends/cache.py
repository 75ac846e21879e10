"""Compiled kernels on disk, so that the next process need not compile them again.

A file holds a checksum and the data; what does not match it is as good as absent. Files appear by a
rename, so many processes may share a folder, and one that is killed leaves nothing half-written.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from actdsl.cache_directory import cache_directory

_MAGIC = b"actdsl-1"
_DIGEST = 32
_LIMIT = 256 * 2**20
_PRUNE_EVERY = 64


class ObjectCache:
    """Bytes by key, in a folder of at most ``limit`` bytes; without a folder it keeps nothing."""

    def __init__(self, directory: Path | None, limit: int = _LIMIT) -> None:
        self.directory, self.limit = directory, limit
        self._puts = 0

    def get(self, key: str) -> bytes | None:
        """What was put under the key, if it is there and whole."""
        if self.directory is None:
            return None
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        head, data = content[: len(_MAGIC) + _DIGEST], content[len(_MAGIC) + _DIGEST :]
        return data if head == _MAGIC + _checksum(key, data) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep the data. A folder that cannot be written is no error: the cache only saves time."""
        if self.directory is None:
            return
        with suppress(OSError):
            # Machine code is run from here, so nobody else may write it.
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.directory, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_MAGIC + _checksum(key, data) + data)
                os.replace(name, self._path(key))
            except BaseException:
                os.unlink(name)
                raise
            self._puts += 1
            if self._puts % _PRUNE_EVERY == 0:
                self.prune()

    def prune(self) -> None:
        """Delete the oldest files until the rest are within the limit."""
        if self.directory is None:
            return
        with suppress(OSError):
            found = [(path.stat(), path) for path in self.directory.iterdir() if path.is_file()]
            total = sum(status.st_size for status, _ in found)
            for status, path in sorted(found, key=lambda item: item[0].st_mtime):
                if total <= self.limit:
                    return
                path.unlink(missing_ok=True)
                total -= status.st_size

    def _path(self, key: str) -> Path:
        assert self.directory is not None
        return (
            self.directory / f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}.kernel"
        )


def kernel_cache() -> ObjectCache:
    """Where this process keeps kernels, as ``ACTDSL_CACHE_DIR`` has it now."""
    return _in_folder(cache_directory())


@cache
def _in_folder(directory: Path | None) -> ObjectCache:
    """One cache for a folder, which counts what this process puts there."""
    return ObjectCache(directory / "kernels" if directory else None)


def _checksum(key: str, data: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + b"\0" + data, digest_size=_DIGEST).digest()
