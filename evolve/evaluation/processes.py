"""Processes of this machine as a ``concurrent.futures.Executor`` that can kill what hangs.

The standard pool breaks as a whole when one process dies, and cannot end one that does not return.
Here each process has a thread that talks to it, knows what it was given, and kills its process
group when the time is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread, Timer
from typing import Any

from actdsl.errors import ActdslError
from actdsl.evolve.evaluation.worker import READY

_START = 60.0
"""Seconds that a process may take to start, which is its imports: a second, from a slow disk many."""

_LIFETIME = 500
"""Calls that a process answers before a new one takes its place: compiled code is never freed."""

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from actdsl.evolve.evaluation.worker import main; main()"
)

_SILENT = EOFError, OSError, pickle.UnpicklingError
"""What is met when a process dies, between two words or in the middle of one."""


class WorkerError(Exception):
    """A process that died, was killed, or answered with an exception."""


class DiedError(WorkerError):
    """A process that died by itself, or that somebody else killed."""


class NotStartedError(DiedError, ActdslError):
    """A process that never came to work: the machine's fault, and of no text."""


class Process:
    """One worker process, in a session of its own.

    Args:
        timeout: seconds that a call may take, the process being ready.

    Raises:
        NotStartedError: the machine has no room for it.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.calls = 0
        self._is_late = False
        try:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by end
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            raise NotStartedError(f"no process to evaluate with: {error}") from error
        self.pid = self._process.pid

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns there.

        Raises:
            WorkerError: it raised an exception, the process died, or it was killed for its time;
                of the last two, the process is gone.
            NotStartedError: it died before it was ready, or is not ready in time.
        """
        if not self.calls:
            self._wait_until_ready()
        self.calls += 1
        try:
            good, answer = self._said(self._timeout, (function, arguments))
        except _SILENT as error:
            if self._is_late:
                raise WorkerError(f"not finished after {self._timeout:g} s, and killed") from error
            raise DiedError(f"the process that evaluated it died{self._last_words()}") from error
        if not good:
            raise WorkerError(answer)
        return answer

    def _wait_until_ready(self) -> None:
        try:
            ready = self._said(_START)
        except _SILENT as error:
            why = f": not ready after {_START:g} s" if self._is_late else self._last_words()
            raise NotStartedError(f"no process to evaluate with{why}") from error
        assert ready == READY

    def _said(self, within: float, told: object = None) -> Any:
        """The next that it says, told something or not; one that says nothing in time is killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = Timer(within, self._time_is_over)
        timer.daemon = True
        timer.start()
        try:
            if told is not None:
                pickle.dump(told, self._process.stdin)
                self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except _SILENT:
            self.kill()
            raise
        finally:
            timer.cancel()

    @property
    def is_spent(self) -> bool:
        """Whether it ended, or has compiled enough."""
        return self.calls >= _LIFETIME or self._process.poll() is not None

    def _time_is_over(self) -> None:
        self._is_late = True
        self.kill()

    def kill(self) -> None:
        """End it and whatever it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Let go of it: idle, it ends by itself."""
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()
        self._process.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        words = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f": {words[:200]}" if words else ""


class Processes(Executor):
    """Runs calls in ``count`` processes, which start when they are first needed.

    A call whose process dies is given to a second one: somebody else may have killed the first. A
    call that takes too long is not repeated. Either way its future has a :class:`WorkerError`; one
    that is an ``ActdslError`` too if no process could be had.

    Args:
        count: how many processes.
        timeout: seconds that a call may take.
    """

    def __init__(self, count: int, timeout: float) -> None:
        self._timeout = timeout
        self._waiting: SimpleQueue[tuple[Future[Any], tuple[Any, ...]] | None] = SimpleQueue()
        self._lock, self._closed, self._over = Lock(), False, False
        self._working: dict[int, Process] = {}
        self._threads = [Thread(target=self._serve, args=(i,), daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a call, of positional arguments alone."""
        assert not kwargs, "calls have positional arguments"
        if self._closed:
            raise RuntimeError("no calls after shutdown")
        future: Future[Any] = Future()
        self._waiting.put((future, (fn, *args)))
        return future

    def shutdown(
        self, wait: bool = True, *, cancel_futures: bool = False, grace: float | None = None
    ) -> None:
        """End the processes once all is done, or, if told so, what is in hand.

        With ``grace``, what is not done after so many seconds is killed.
        """
        self._closed = True
        if cancel_futures:
            self._cancel_waiting()
        for _ in self._threads:
            self._waiting.put(None)
        if not wait:
            return
        deadline = None if grace is None else time.monotonic() + grace
        for thread in self._threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        with self._lock:
            self._over = True
            for process in self._working.values():
                process.kill()
        for thread in self._threads:
            thread.join()

    def _cancel_waiting(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                found = self._waiting.get_nowait()
                if found is not None:
                    found[0].cancel()

    def _serve(self, place: int) -> None:
        if hasattr(signal, "pthread_sigmask"):  # which the processes inherit: Ctrl-C is not theirs
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while (found := self._waiting.get()) is not None:
            future, call = found
            if not future.set_running_or_notify_cancel():
                continue
            try:
                answer = self._answer(place, call)
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(answer)
        self._let_go(place)

    def _answer(self, place: int, call: tuple[Any, ...]) -> Any:
        try:
            return self._process(place).call(*call)
        except DiedError:
            if self._closed:
                raise
        return self._process(place).call(*call)

    def _process(self, place: int) -> Process:
        """The thread's process, a new one if need be."""
        process = self._working.get(place)
        if process is not None and process.is_spent:
            self._let_go(place)
            process = None
        if process is None:
            process = Process(self._timeout)
            with self._lock:
                if self._over:
                    process.kill()
                self._working[place] = process
        return process

    def _let_go(self, place: int) -> None:
        with self._lock:
            process = self._working.pop(place, None)
        if process is not None:
            process.end()
