"""A search in a run directory, from its first candidate or from where it stopped, and its proof."""

from __future__ import annotations

import json
from collections.abc import Callable

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.evaluation.evaluator import Evaluator
from actdsl.evolve.proof import prove
from actdsl.evolve.proposers import Proposer
from actdsl.evolve.record.run_directory import RunDirectory
from actdsl.evolve.search.loop import Search
from actdsl.evolve.view import certificate, curve

Watch = Callable[[Candidate, Archive], None]


def run(
    directory: RunDirectory,
    evaluator: Evaluator,
    proposer: Proposer | None,
    watch: Watch = lambda _candidate, _archive: None,
    proof: bool = True,
) -> Archive:
    """Search until the first of the settings' limits; returns all candidates.

    ``best.act`` and ``best.json`` are rewritten when the best changes and at the end, ``curve.png``
    at the end and when Ctrl-C interrupts. ``watch`` is called with every candidate as it is
    settled, refused ones too. Without a proposer the run's log has all that is proposed. The proof
    comes last, outside of the limits: a dozen evaluations on a suite of its own.

    Raises:
        ActdslError: see :class:`Search` and :class:`RunDirectory`.
    """
    store, session = directory.store, directory.session
    directory.begin_search()
    search = Search(directory.settings, store, evaluator, proposer, session)
    try:
        _follow(search, directory, watch)
    except KeyboardInterrupt:
        store.session(session)
        directory.write("curve.png", curve(search.archive))
        raise
    if proof and search.archive.best is not None:
        store.state("proof", prove(search.archive, store, evaluator))
    directory.write("curve.png", curve(search.archive))
    store.session(session)
    if search.archive.best is not None:
        _write_best(directory, search.archive, search.archive.best)
    store.state("ended", search.ended)
    return search.archive


def _follow(search: Search, directory: RunDirectory, watch: Watch) -> None:
    numbers: list[int] = []
    written: Candidate | None = None
    for candidate in search:
        numbers.append(candidate.number)
        watch(candidate, search.archive)
        best = search.archive.best
        if best is not None and best != written:
            _write_best(directory, search.archive, best)
            written = best
    directory.store.forget_candidates(but=numbers)
    if search.archive.best is not None:
        _write_best(directory, search.archive, search.archive.best)


def _write_best(directory: RunDirectory, archive: Archive, best: Candidate) -> None:
    directory.write("best.act", best.text.encode())
    document = json.dumps(certificate(directory, archive, best), indent=2)
    directory.write("best.json", document.encode() + b"\n")
