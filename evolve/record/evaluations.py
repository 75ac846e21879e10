"""A run's evaluations: looked up, waited for, or made, each once, and kept as soon as it is there."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TypeVar

from actdsl.errors import ActdslError
from actdsl.evolve.evaluation.evaluator import Evaluator, Outcome
from actdsl.evolve.lab import Race, Suite
from actdsl.evolve.record.store import Store

Seeds = tuple[int, ...]
Result = TypeVar("Result")


class Evaluations:
    """What stands between those who need outcomes and the evaluator.

    Args:
        store: where they are kept, and looked up.
        evaluator: what makes those that are not there.
    """

    def __init__(self, store: Store, evaluator: Evaluator) -> None:
        self._store, self._evaluator = store, evaluator
        self._in_hand: dict[tuple[str, Seeds, str], Future[Outcome]] = {}

    def ask(
        self,
        hash: str,
        text: str,
        seeds: Seeds,
        race: Race | None = None,
        suite: Suite | None = None,
    ) -> Future[Outcome]:
        """The outcome of a function, by its canonical hash; two that ask share one evaluation."""
        key = hash, seeds, _name(race)
        if key not in self._in_hand:
            known = self._store.outcome(*key)
            if known is not None:
                return done(known)
            outcome = self._evaluator.submit(text, seeds, race, suite)
            outcome.add_done_callback(partial(self._keep, key))
            self._in_hand[key] = outcome
        return self._in_hand[key]

    def settle(self, hash: str, seeds: Seeds, outcome: Outcome, race: Race | None = None) -> None:
        """Make sure that it is kept, and forget it.

        Raises:
            ActdslError: it could not be written.
        """
        self._store.keep(hash, seeds, outcome, _name(race))
        self._in_hand.pop((hash, seeds, _name(race)), None)

    def ask_tuned(self, hash: str, text: str) -> Future[str]:
        """The text with its constants tuned, empty if that was lost with its process."""
        known = self._store.tuned(hash)
        return self._evaluator.tuned(text) if known is None else done(known)

    def settle_tuned(self, hash: str, text: str) -> None:
        """Keep what tuning gave.

        Raises:
            ActdslError: it could not be written.
        """
        self._store.keep_tuned(hash, text)

    def _keep(self, key: tuple[str, Seeds, str], outcome: Future[Outcome]) -> None:
        """In whatever thread it is finished; what goes wrong comes up again when it is settled."""
        hash, seeds, race = key
        if not outcome.cancelled():
            with suppress(ActdslError):
                self._store.keep(hash, seeds, outcome.result(), race)


def _name(race: Race | None) -> str:
    """Two races of one name end alike for everybody."""
    if race is None:
        return ""
    what = repr((race.rungs, race.lines, race.bar))
    return hashlib.blake2b(what.encode(), digest_size=8).hexdigest()


def done(result: Result) -> Future[Result]:
    """A future that is there already."""
    future: Future[Result] = Future()
    future.set_result(result)
    return future
