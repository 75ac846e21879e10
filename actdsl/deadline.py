"""A time limit around code that has none of its own, such as a computer-algebra system."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Expired(BaseException):
    """Raised inside the function when its time is over; not an Exception, so that nobody swallows it."""


def within(seconds: float, function: Callable[[], Result]) -> Result | None:
    """What the function returns, or None if it raises or takes longer than the time given.

    It runs in a thread, which is made to stop at its next Python instruction: enough for code
    written in Python, from any thread and on any platform.
    """
    results: list[Result] = []

    def run() -> None:
        try:
            results.append(function())
        except (Exception, Expired):
            results.clear()

    worker = threading.Thread(target=run, name="actdsl-deadline", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive() and worker.ident is not None:
        ident = ctypes.c_ulong(worker.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(Expired))
        worker.join(1.0)
        return None
    return results[0] if results else None
