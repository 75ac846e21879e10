"""Worker processes: they get text, they give plain data, and one that dies fails its text alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from types import TracebackType

from actdsl.evolve.evaluator import Outcome, measure

_LIFETIME = 500
"""Candidates a process evaluates before a new one takes its place: compiled code is never freed."""


class Workers:
    """An evaluator on several processes of this machine, one candidate each at a time.

    Use it in a ``with`` statement; leaving waits for the candidates in hand, a second or two.

    Args:
        suite: the lab's suite, by name.
        seeds: the lab's seeds.
        count: how many processes.
    """

    def __init__(self, suite: str, seeds: tuple[int, ...], count: int) -> None:
        self._suite, self._seeds, self._count = suite, seeds, count
        self._evaluated = 0
        self._pool = self._new_pool()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def outcomes(self, texts: Sequence[str]) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome, as they finish.

        If a process dies nobody knows of which text: those without an outcome are then tried again
        one after another, and the one that kills its process a second time has failed.
        """
        if self._evaluated > _LIFETIME * self._count:
            self._restart()
        with _interrupts_held_back():
            waiting = {self._submit(text): index for index, text in enumerate(texts)}
        finished = set()
        try:
            for future in as_completed(waiting):
                outcome = future.result()
                finished.add(waiting[future])
                yield waiting[future], outcome
        except BrokenProcessPool:
            self._restart()
            for index in sorted(set(range(len(texts))) - finished):
                yield index, self._alone(texts[index])

    def _submit(self, text: str) -> Future[Outcome]:
        self._evaluated += 1
        return self._pool.submit(measure, text, self._suite, self._seeds)

    def _alone(self, text: str) -> Outcome:
        try:
            return self._submit(text).result()
        except BrokenProcessPool:
            self._restart()
            return Outcome(None, "the process that evaluated it died")

    def _restart(self) -> None:
        self._pool.shutdown(wait=True)
        self._evaluated = 0
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count, mp_context=get_context("spawn"), initializer=_start_worker
        )


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C waits while processes are started: they inherit that, and never see one of theirs."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start_worker() -> None:
    """Ctrl-C is the parent's to handle; without a parent there is nobody to work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
