"""A search in a run directory, from its first candidate or from where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.evaluator import Evaluator
from actdsl.evolve.run_directory import RunDirectory
from actdsl.evolve.search import Search
from actdsl.evolve.view import certificate, curve

Watch = Callable[[Candidate, Archive], None]


def run(
    directory: RunDirectory, evaluator: Evaluator, watch: Watch = lambda _candidate, _archive: None
) -> Archive:
    """Search until the settings' number of candidates is evaluated; returns all of them.

    ``best.act`` and ``best.json`` are rewritten when the best changes and at the end, ``curve.png``
    at the end and when Ctrl-C interrupts.
    ``watch`` is called with every candidate as it is settled, refused ones too.

    Raises:
        ActdslError: see :class:`Search` and :class:`RunDirectory`.
    """
    search = Search(directory.settings, directory.store, evaluator)
    try:
        _follow(search, directory, watch)
    except KeyboardInterrupt:
        directory.write("curve.png", curve(search.archive))
        raise
    directory.write("curve.png", curve(search.archive))
    return search.archive


def _follow(search: Search, directory: RunDirectory, watch: Watch) -> None:
    written: Candidate | None = None
    for candidate in search:
        watch(candidate, search.archive)
        best = search.archive.best
        if best is not None and best != written:
            _write_best(directory, search.archive, best)
            written = best
    if written is not None:
        _write_best(directory, search.archive, written)


def _write_best(directory: RunDirectory, archive: Archive, best: Candidate) -> None:
    directory.write("best.act", best.text.encode())
    document = json.dumps(certificate(directory, archive, best), indent=2)
    directory.write("best.json", document.encode() + b"\n")
