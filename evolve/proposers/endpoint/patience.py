"""The patience that an endpoint takes: one for all who ask it, and over when it is closed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Lock

from actdsl.evolve.proposers.endpoint.faults import RATE_LIMIT, FaultError, closed

RATE_LIMITED = 600.0
"""Seconds of nothing but rate limits after which one more counts as no answer."""

_FIRST = 1.0
_LONGEST = 4.0
_LONGEST_LIMITED = 60.0
_LONGEST_TOLD = 600.0
_JITTER = 0.5
_DOUBLINGS = 10  # more would lead past every limit above


class Patience:
    """The pause that requests to one endpoint keep after a fault, whoever met it.

    It doubles from fault to fault until there is an answer. Requests that were under way together
    count once, and set out again at different moments.

    Args:
        clock: seconds from some moment on.
        pause: what waits; the one that closing ends if None.
        jitter: a random share of the pause, in [0, 1), by which each makes it longer.

    Attributes:
        closed: done once nobody is to wait any more.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.closed: Future[None] = Future()
        self._clock, self._jitter = clock, jitter
        self._pause = self._rest if pause is None else pause
        self._lock = Lock()
        self._turn = 0  # pauses so far
        self._faults = 0  # pauses since the last answer
        self._until = clock()
        self._limited_since: float | None = None

    def close(self) -> None:
        """Wake everybody, and let no more requests be made."""
        with self._lock:
            if not self.closed.done():
                self.closed.set_result(None)

    def turn(self) -> int:
        """Wait until a request may be made; the number is for :meth:`failed`.

        Raises:
            FaultError: it is closed.
        """
        while not self.closed.done() and (rest := self._until - self._clock()) > 0:
            self._pause(rest * (1 + _JITTER * self._jitter()))
        if self.closed.done():
            raise closed()
        return self._turn

    def failed(self, turn: int, fault: FaultError) -> None:
        """Have all wait, for as long as the server asks or longer, after a request of that turn."""
        limited = fault.kind == RATE_LIMIT
        with self._lock:
            now = self._clock()
            if limited and self._limited_since is None:
                self._limited_since = now
            rest = min(fault.wait or 0.0, _LONGEST_TOLD)
            if turn == self._turn:
                longest = _LONGEST_LIMITED if limited else _LONGEST
                rest = max(rest, min(_FIRST * 2 ** min(self._faults, _DOUBLINGS), longest))
                self._turn += 1
                self._faults += 1
            self._until = max(self._until, now + rest)

    def answered(self) -> None:
        """Begin with short pauses again."""
        with self._lock:
            self._faults, self._limited_since = 0, None

    def _rest(self, seconds: float) -> None:
        wait([self.closed], seconds)

    @property
    def is_over(self) -> bool:
        """Whether rate limits have been all that came for too long."""
        since = self._limited_since
        return since is not None and self._clock() - since >= RATE_LIMITED
