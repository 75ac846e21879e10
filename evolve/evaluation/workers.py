"""The evaluator that has others work: any executor, fed with text, giving plain data.

An executor is the standard library's interface: processes of this machine, or a cluster. A process
that is lost there is the failure of the text that it was lost with, unless somebody was leaving:
then nobody knows how that text would have fared, and its future is cancelled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from functools import partial
from typing import TypeVar

from actdsl.errors import ActdslError
from actdsl.evolve.evaluation.evaluator import Job, Outcome, measure
from actdsl.evolve.evaluation.processes import Processes
from actdsl.evolve.evaluation.tuning import tune
from actdsl.evolve.lab import Race, Suite

PATIENCE = 120.0
"""Seconds that an evaluation may take: a usual one takes two, the first on a machine twenty."""

_GRACE = 5.0
"""Seconds that evaluations in hand are given once somebody wants to leave."""

Result = TypeVar("Result")


class Workers:
    """An evaluator on several processes of this machine, or on what an executor has.

    Use it in a ``with`` statement; leaving waits for the candidates in hand, a second or two, and
    cancels those that take longer.

    Args:
        suite: the lab's suite.
        count: how many processes.
        exact: whether losses of the same function in other words do not count as known.
        timeout: seconds that an evaluation may take before its process is killed.
        executor: what does the work instead of processes of this machine.
        anew: whether to train whatever the cache has.
    """

    def __init__(
        self,
        suite: Suite,
        count: int,
        exact: bool = False,
        timeout: float = PATIENCE,
        executor: Executor | None = None,
        anew: bool = False,
    ) -> None:
        self._suite, self._exact, self._anew = suite, exact, anew
        self._executor = executor or Processes(count, timeout)
        self._is_left = False

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._is_left = True
        if isinstance(self._executor, Processes):
            self._executor.shutdown(cancel_futures=True, grace=_GRACE)
        else:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(
        self,
        text: str,
        seeds: tuple[int, ...],
        race: Race | None = None,
        suite: Suite | None = None,
    ) -> Future[Outcome]:
        """The outcome, in the future; of an evaluation that was lost with its process, a failure.

        The future has an ``ActdslError`` if the executor cannot evaluate anything any more.
        """
        job = Job(text, suite or self._suite, seeds, race, self._exact, self._anew)
        start = time.perf_counter()

        def lost(error: BaseException) -> Outcome:
            seconds = time.perf_counter() - start
            return Outcome(None, str(error).splitlines()[0], seconds, lost=True)

        return self._passed_on(self._executor.submit(measure, job), lost)

    def tuned(self, text: str) -> Future[str]:
        """The text with its constants tuned; the same if that is no better, none if it was lost."""
        return self._passed_on(self._executor.submit(tune, text, self._suite), lambda _error: "")

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome on the lab's seeds, as they finish; in a race, or in full."""
        waiting = {self.submit(text, seeds, race): index for index, text in enumerate(texts)}
        for future in as_completed(waiting):
            yield waiting[future], future.result()

    def _passed_on(
        self, made: Future[Result], lost: Callable[[BaseException], Result]
    ) -> Future[Result]:
        """The future of what was made, or of what it counts as if it was lost with its process."""
        future: Future[Result] = Future()
        made.add_done_callback(partial(self._pass_on, future, lost))
        return future

    def _pass_on(
        self, future: Future[Result], lost: Callable[[BaseException], Result], made: Future[Result]
    ) -> None:
        error = None if made.cancelled() else made.exception()
        if made.cancelled() or (error is not None and self._is_left):
            future.cancel()
            future.set_running_or_notify_cancel()
        elif error is None:
            future.set_result(made.result())
        elif isinstance(error, ActdslError):
            future.set_exception(error)
        else:
            future.set_result(lost(error))
