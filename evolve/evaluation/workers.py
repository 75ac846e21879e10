"""The evaluator that has others work: any executor, fed with text, giving plain data.

An executor is the standard library's interface: processes of this machine, or a cluster. Whatever
goes wrong there is the failure of the text that it went wrong with.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from functools import partial
from types import TracebackType

from actdsl.evolve.evaluation.evaluator import Job, Outcome, measure
from actdsl.evolve.evaluation.processes import Processes
from actdsl.evolve.evaluation.tuning import tune
from actdsl.evolve.lab import Race, Suite

PATIENCE = 120.0
"""Seconds that an evaluation may take: a usual one takes two, the first on a machine twenty."""

_GRACE = 5.0
"""Seconds that evaluations in hand are given once somebody wants to leave."""


class Workers:
    """An evaluator on several processes of this machine, or on what an executor has.

    Use it in a ``with`` statement; leaving waits for the candidates in hand, a second or two.

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

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        """The outcome, in the future; of an evaluation that was lost with its process, a failure."""
        job = Job(text, suite or self._suite, seeds, race, self._exact, self._anew)
        outcome: Future[Outcome] = Future()
        made = self._executor.submit(measure, job)
        made.add_done_callback(partial(_pass_on, outcome, time.perf_counter()))
        return outcome

    def tuned(self, text: str) -> Future[str]:
        """The text with its constants tuned; the same text if that is no better, or fails."""
        tuned: Future[str] = Future()
        made = self._executor.submit(tune, text, self._suite)
        made.add_done_callback(partial(_pass_on_text, tuned, text))
        return tuned

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...], race: Race | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome on the lab's seeds, as they finish; in a race, or in full."""
        waiting = {self.submit(text, seeds, race): index for index, text in enumerate(texts)}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def _pass_on(outcome: Future[Outcome], start: float, made: Future[Outcome]) -> None:
    if made.cancelled():
        outcome.cancel()
        outcome.set_running_or_notify_cancel()
        return
    outcome.set_running_or_notify_cancel()
    if (error := made.exception()) is None:
        outcome.set_result(made.result())
    else:
        seconds = time.perf_counter() - start
        outcome.set_result(Outcome(None, str(error).splitlines()[0], seconds, lost=True))


def _pass_on_text(tuned: Future[str], text: str, made: Future[str]) -> None:
    if made.cancelled():
        tuned.cancel()
        tuned.set_running_or_notify_cancel()
    else:
        tuned.set_result(text if made.exception() else made.result())
