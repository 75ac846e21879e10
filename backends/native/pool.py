"""Threads for large tensors. Kernels release the interpreter's lock, so plain threads will do."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

_pool: ThreadPoolExecutor | None = None


def thread_count() -> int:
    """How many threads a call may use: ``ACTDSL_NUM_THREADS``, else the cores this process has."""
    chosen = os.environ.get("ACTDSL_NUM_THREADS", "")
    if chosen.isdecimal() and int(chosen):
        return int(chosen)
    return cores()


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_out(tasks: Iterable[Callable[[], None]], workers: int) -> None:
    """Run some tasks by so many threads; each takes the next one as soon as it is free."""
    left = deque(tasks)

    def work() -> None:
        while True:
            try:
                task = left.popleft()
            except IndexError:
                return
            task()

    run_all([work] * min(workers, len(left)))


def run_all(tasks: Sequence[Callable[[], None]]) -> None:
    """Run some tasks at once, the first of them here, and wait for all."""
    waiting = [_threads().submit(task) for task in tasks[1:]]
    tasks[0]()
    for future in waiting:
        future.result()


def _threads() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(max(thread_count(), 2), thread_name_prefix="actdsl")
    return _pool


def _forget() -> None:
    """A forked process has none of its parent's threads."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
