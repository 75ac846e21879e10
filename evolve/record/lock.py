"""One process at a time works on a run: who comes second is told so, and spends nothing twice."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from actdsl.errors import ActdslError

if sys.platform != "win32":
    import fcntl


class Lock:
    """A folder held until it is released, or until the process ends, however it ends.

    Where the platform or the file system has no such locks, nobody is kept out.

    Args:
        folder: it must be there.

    Raises:
        ActdslError: somebody else holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = -1
        if sys.platform == "win32":
            return
        self._descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise ActdslError(
                f"another process is at work on the run in {folder}: "
                "wait until it has ended, or choose another --run"
            ) from error
        except OSError:
            self.release()  # a file system without locks

    def release(self) -> None:
        """Let others in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
