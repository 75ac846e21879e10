"""One activation's runs on a suite, each trained when it is first asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from actdsl.program import Program

from .cache import Cells, LossCache, cells_of
from .compile import lab_kernel
from .evaluate import Evaluation, evaluate
from .kernel import LabKernel
from .suites import Suite


class Runs:
    """Evaluations of one activation on parts of a suite, from what is known and what it trains.

    Nothing is even compiled while every run that is asked for is in the cache.

    Args:
        program: the activation, of one input.
        suite: the tasks and the training.
        cache: where runs are looked up and kept.
        exact: whether runs of the same function in other words do not count as known: they may
            differ in the last digits, and training magnifies that.
    """

    def __init__(
        self, program: Program, suite: Suite, cache: LossCache, exact: bool = False
    ) -> None:
        self.program, self.suite = program, suite
        self._cache, self._exact = cache, exact
        self._cells = Cells()
        self._looked_up: set[int] = set()

    def evaluation(self, seeds: Sequence[int], tasks: Sequence[str] | None = None) -> Evaluation:
        """What ``evaluate`` gives for those seeds and tasks, by default all of the suite's.

        Raises:
            ValueError: the activation takes more than one input.
        """
        suite = self.suite if tasks is None else self.suite.only(tasks)
        for unknown, names in self._unknown(suite, seeds).items():
            self.keep(evaluate(self.kernel, self.suite.only(names), unknown))
        rows = [[self._cells[task.name, seed] for seed in seeds] for task in suite.tasks]
        validation, ood, diverged = np.moveaxis(np.array(rows, float), 2, 0)
        return Evaluation(suite, tuple(seeds), validation, ood, diverged.astype(bool))

    def knows(self, seeds: Sequence[int]) -> bool:
        """Whether nothing has to be trained for those seeds."""
        return not self._unknown(self.suite, seeds)

    def keep(self, evaluation: Evaluation) -> None:
        """Take runs that somebody has trained."""
        self._cache.put(self.program, evaluation)
        self._cells |= cells_of(evaluation)

    def _unknown(self, suite: Suite, seeds: Sequence[int]) -> dict[tuple[int, ...], list[str]]:
        """Tasks by the seeds that they lack."""
        if new := sorted(set(seeds) - self._looked_up):
            self._cells |= self._cache.get(self.program, self.suite, new, self._exact)
            self._looked_up.update(new)
        lacking: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for task in suite.tasks:
            if unknown := tuple(s for s in seeds if (task.name, s) not in self._cells):
                lacking[unknown].append(task.name)
        return lacking

    @cached_property
    def kernel(self) -> LabKernel:
        """The activation, compiled when it is first asked for."""
        return lab_kernel(self.program, self.suite.recipe.width)
