"""One process's work on a run: since when, by which command, and with which versions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Clock = Callable[[], float]
"""Seconds, from some moment on."""


class Session:
    """What is noted of a process that searches, and how long it has been at it.

    Args:
        command: as it was typed.
        versions: of all that its numbers rest on.
        start: what the clock said when the command began, if that was not now.
        clock: what tells the time.

    Attributes:
        begun: when the command began, in seconds since 1970.
    """

    def __init__(
        self,
        command: str = "",
        versions: Mapping[str, str] | None = None,
        start: float | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.command, self.versions = command, dict(versions or {})
        self._clock, self._start = clock, clock() if start is None else start
        self.begun = time.time() - self.seconds

    @property
    def seconds(self) -> float:
        """Since the command began."""
        return self._clock() - self._start
