"""A call that may take no longer than it is given, whatever it waits for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T], closed: Future[Any]) -> T:
    """What the call gives or raises.

    It is made in a thread of its own, for a server that sends a byte now and then keeps every
    time-out of a socket from expiring. One that is given up ends with the process.

    Raises:
        TimeoutError: it took longer.
        CancelledError: ``closed`` was done before.
    """
    result: Future[T] = Future()

    def make() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)

    Thread(target=make, daemon=True, name="actdsl-request").start()
    done = wait([result, closed], seconds, FIRST_COMPLETED).done
    if result in done:
        return result.result()
    if closed in done:
        raise CancelledError
    raise TimeoutError(f"no answer within {seconds:g} s")
