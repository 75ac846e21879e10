"""Named, versioned suites: which tasks, how many points, which training.

Two evaluations compare only if they come from the same version of a suite and of the trainer; any
change of a suite's tasks, sizes or recipe is a new version of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .recipe import Recipe
from .tasks import Shift, Sizes, Task, feynman, harmonic, polynomial


@dataclass(frozen=True)
class Suite:
    """What an evaluation runs. It pickles, so worker processes can be handed one."""

    name: str
    version: int
    tasks: tuple[Task, ...]
    sizes: Sizes
    recipe: Recipe
    seeds: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"

    def shifted(self, shift: Shift) -> Suite:
        """The same tasks with other out-of-distribution points, under a name that says so."""
        name = self.name.partition("@")[0]
        suffix = "" if shift is Shift.BEYOND else f"@{shift.value}"
        tasks = tuple(task.shifted(shift) for task in self.tasks)
        return replace(self, name=name + suffix, tasks=tasks)

    def only(self, tasks: Iterable[str]) -> Suite:
        """The suite with those of its tasks, by name, in its own order."""
        wanted = set(tasks)
        return replace(self, tasks=tuple(task for task in self.tasks if task.name in wanted))


SMOKE = Suite(
    name="smoke",
    version=2,
    tasks=(polynomial(1, 2, seed=1), harmonic(1, 0), feynman("I.6.2")),
    sizes=Sizes(train=32, valid=32, ood=32),
    recipe=Recipe(width=8, steps=50, learning_rates=(0.01,)),
    seeds=(0,),
)

MICRO = Suite(
    name="micro",
    version=2,
    tasks=(
        *(polynomial(variables, degree, 1) for variables in (1, 2, 3, 4) for degree in (2, 3, 4)),
        *(harmonic(1, m) for m in (-1, 0)),
        *(harmonic(2, m) for m in (-2, 0, 1)),
        *(harmonic(3, m) for m in (-3, -1, 0, 2)),
        *(harmonic(4, m) for m in (-2, 1, 4)),
        feynman("I.6.2"),
        feynman("I.12.11"),
        feynman("I.15.3x"),
        feynman("I.16.6"),
        feynman("I.29.16"),
        feynman("I.37.4"),
        feynman("I.40.1"),
        feynman("I.44.4"),
        feynman("I.50.26"),
        feynman("II.6.15b"),
        feynman("II.35.21"),
        feynman("III.15.12"),
    ),
    sizes=Sizes(train=64, valid=128, ood=256),
    recipe=Recipe(width=32, steps=500, learning_rates=(0.003, 0.01, 0.03), probe_steps=100),
    seeds=(0, 1, 2),
)
"""The search's suite: many short runs rather than few long ones. docs/lab.md says how well it ranks."""

SUITES: dict[str, Suite] = {suite.name: suite for suite in (MICRO, SMOKE)}
"""The suites that a search may use, by name."""
