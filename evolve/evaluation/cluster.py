"""A Dask cluster as an executor: the same calls, on other machines, in processes that can be killed.

Calls travel as their function's name and plain data, so a candidate is text on every wire; the
machines need this package, in this version. A machine that is lost gives its calls to the others:
Dask sees to that. A scheduler that is lost is the end of all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from typing import Any

from actdsl.errors import ActdslError
from actdsl.evolve.evaluation.processes import DiedError, Process, WorkerError

_PATIENCE = 10.0
"""Seconds that the scheduler may take to answer at first."""

_here = threading.local()


class Cluster(Executor):
    """Runs calls on the workers of a scheduler, each in a process of its own.

    Args:
        address: of the scheduler, ``tcp://host:8786``.
        timeout: seconds that a call may take.

    Raises:
        ActdslError: Dask is not installed, the address is none, or no scheduler answers.
    """

    def __init__(self, address: str, timeout: float) -> None:
        try:
            from distributed import Client
            from distributed.comm.addressing import parse_address, parse_host_port
        except ImportError as error:
            raise ActdslError("a cluster needs Dask: pip install 'actdsl[cluster]'") from error
        try:
            parse_host_port(parse_address(address, strict=True)[1])
        except ValueError as error:
            raise ActdslError(f"'{address}' is no address such as tcp://host:8786") from error
        try:
            self._client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call,unused-ignore]
        except OSError as error:
            raise ActdslError(f"no Dask scheduler answers at {address}") from error
        self._address, self._timeout = address, timeout

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a call, of positional arguments alone.

        It has a ``WorkerError``, or Dask's ``KilledWorker``, if a process or several machines were
        lost with it, and an ``ActdslError`` if the cluster is gone, or of no use.
        """
        from distributed.client import ClosedClientError

        assert not kwargs, "calls have positional arguments"
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        try:
            made = self._client.submit(call_guarded, self._timeout, fn, *args, pure=False)
        except ClosedClientError:
            future.set_exception(self._gone())
        else:
            made.add_done_callback(partial(self._pass_on, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the cluster; what is in hand there is dropped."""
        self._client.close()

    def _pass_on(self, future: Future[Any], made: Any) -> None:
        """A result that its machine took with it is waited for again, so only asking for it tells."""
        from distributed import KilledWorker

        try:
            future.set_result(made.result())
        except (WorkerError, KilledWorker) as error:
            future.set_exception(error)
        except CancelledError:
            future.set_exception(self._gone())
        except Exception as error:
            why = f"the cluster at {self._address} cannot evaluate: {type(error).__name__}: {error}"
            future.set_exception(ActdslError(why))

    def _gone(self) -> ActdslError:
        return ActdslError(f"the cluster at {self._address} is gone; `--resume` goes on elsewhere")


def call_guarded(timeout: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns in a process that belongs to this thread; it may be killed."""
    for attempt in (1, 2):
        process = getattr(_here, "process", None)
        if process is None or process.is_spent:
            process = _here.process = Process(timeout)
        try:
            return process.call(function, *arguments)
        except DiedError:
            if attempt == 2:
                raise
    raise AssertionError("the second attempt returns or raises")
