"""A run repeated from its log, without whoever proposed: every number must come out as it was.

All that was proposed is read, all that can be computed is computed anew, from the texts. Of an
evaluation or a tuning that was lost with its process nothing can be repeated, so it counts as it
was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actdsl.evolve.evaluation.evaluator import Evaluator
from actdsl.evolve.record.run_directory import RunDirectory
from actdsl.evolve.record.store import Store
from actdsl.evolve.run import Watch, run


@dataclass(frozen=True)
class Comparison:
    """A run beside its repetition.

    Attributes:
        candidates: how many the run had, refused ones too.
        evaluations: how many evaluations.
        differences: lines that say what is not as it was; none if all is.
    """

    candidates: int
    evaluations: int
    differences: list[str]


def replay(
    original: RunDirectory,
    path: Path,
    evaluator: Evaluator,
    watch: Watch = lambda _candidate, _archive: None,
) -> Comparison:
    """Repeat a run in another folder and compare the two databases.

    Raises:
        ActdslError: the folder holds a run already, or cannot be written to.
    """
    store = original.store
    copy = RunDirectory.begin(path, original.settings, str(store.fact("command")))
    try:
        copy.store.state("at_once", store.fact("at_once"))
        for number, proposal in store.proposals().items():
            copy.store.log(number, proposal)
        for hash, seeds, race, outcome in store.lost():
            copy.store.keep(hash, seeds, outcome, race)
        for hash in store.lost_tunings():
            copy.store.keep_tuned(hash, "")
        run(copy, evaluator, None, watch, proof=store.fact("proof") is not None)
        return compare(store, copy.store)
    finally:
        copy.store.close()


def compare(store: Store, other: Store) -> Comparison:
    """What differs between a run and its repetition, times aside.

    A run that was gone on with may have evaluations that no candidate needs any more: what was in
    flight when it first ended.
    """
    run, again = _by(store.evaluations(), 3), _by(other.evaluations(), 3)
    differences = [
        *_differences("candidate", _by(store.candidates(), 1), _by(other.candidates(), 1)),
        *_differences("evaluation of", {key: run[key] for key in run if key in again}, again),
    ]
    if store.fact("proof") != other.fact("proof"):
        differences.append("the proof")
    return Comparison(len(store.candidates()), len(again), differences)


def _by(rows: list[tuple[Any, ...]], keys: int) -> dict[str, tuple[Any, ...]]:
    return {" on ".join(map(str, row[:keys])): row[keys:] for row in rows}


def _differences(
    what: str, first: dict[str, tuple[Any, ...]], second: dict[str, tuple[Any, ...]]
) -> list[str]:
    return [
        f"{what} {key}: {_word(first.get(key), second.get(key))}"
        for key in {**first, **second}
        if first.get(key) != second.get(key)
    ]


def _word(first: tuple[Any, ...] | None, second: tuple[Any, ...] | None) -> str:
    if first is None:
        return "not in the run"
    return "not repeated" if second is None else "another result"
