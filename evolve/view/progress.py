"""The search while it runs: a bar for those who watch, a line whenever the best changes."""

from __future__ import annotations

import time

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.view.formula import formula
from actdsl.evolve.view.leaderboard import number


class Progress:
    """Shows a search on a console (standard error, so that output stays clean).

    Use it in a ``with`` statement, and call it with every settled candidate and the archive.
    """

    def __init__(
        self, candidates: int, console: Console | None = None, quiet: bool = False
    ) -> None:
        self._console = console or Console(stderr=True, quiet=quiet)
        self._bar = Bar(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn(
                "{task.fields[rate]}  best {task.fields[best]}  refused {task.fields[refused]}"
            ),
            TimeRemainingColumn(),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=candidates, rate="", best="-", refused=0)
        self._start = time.perf_counter()
        self._best: Candidate | None = None

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._bar.stop()

    def __call__(self, candidate: Candidate, archive: Archive) -> None:
        """Take note of a settled candidate."""
        done, best = archive.evaluated, archive.best
        rate = done / (time.perf_counter() - self._start)
        self._bar.update(
            self._task,
            completed=done,
            rate=f"{rate:.2f}/s",
            best="-" if best is None else f"{number(best.ratio)} {best.name}",
            refused=archive.refusals.total(),
        )
        if candidate.is_reference:
            self._say(f"{candidate.name} {number(candidate.ratio)}, for reference")
        elif best is not None and best != self._best:
            self._best = best
            self._say(f"{done:4d}  {number(best.ratio)}  {formula(best.text)}")

    def _say(self, line: str) -> None:
        self._console.print(escape(line), highlight=False, soft_wrap=True)
