"""A call that may take no longer than it is given, whatever it waits for."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call gives or raises.

    It is made in a thread of its own, for a server that sends a byte now and then keeps every
    time-out of a socket from expiring. One that is given up ends with the process.

    Raises:
        TimeoutError: it took longer.
    """
    results: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def make() -> None:
        try:
            results.put((call(), None))
        except BaseException as error:
            results.put((None, error))

    Thread(target=make, daemon=True, name="actdsl-request").start()
    try:
        result, error = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]
