"""The lab's suites and their tasks, as a table for the terminal and as data for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from actdsl.evolve.lab import Suite

_FORMULA = 60


def suite_table(suites: Iterable[Suite]) -> Table:
    """A line for every suite, then one for each of its tasks."""
    table = Table(box=None, pad_edge=False)
    for heading in ("suite", "task", "variables", "formula"):
        table.add_column(heading, justify="right" if heading == "variables" else "left")
    for suite in suites:
        sizes, recipe = suite.sizes, suite.recipe
        families = ", ".join(f"{n} {f}" for f, n in Counter(t.family for t in suite.tasks).items())
        table.add_row(
            str(suite),
            families,
            "",
            f"{sizes.train} points, {sizes.ood} out of distribution; seeds "
            f"{', '.join(map(str, suite.seeds))}; width {recipe.width}, {recipe.steps} steps",
            style="bold",
        )
        for task in suite.tasks:
            formula = task.formula
            short = formula if len(formula) <= _FORMULA else f"{formula[: _FORMULA - 4]} ..."
            table.add_row("", task.name, str(task.dimension), Text(short))
    return table


def suite_document(suite: Suite) -> dict[str, Any]:
    """A suite with everything that defines it."""
    return {
        "suite": str(suite),
        "seeds": list(suite.seeds),
        "sizes": {"train": suite.sizes.train, "valid": suite.sizes.valid, "ood": suite.sizes.ood},
        "width": suite.recipe.width,
        "steps": suite.recipe.steps,
        "learning_rates": list(suite.recipe.learning_rates),
        "tasks": [
            {
                "name": task.name,
                "family": task.family,
                "dimension": task.dimension,
                "formula": task.formula,
                "source": task.source,
                "out_of_distribution": task.shift.value,
            }
            for task in suite.tasks
        ],
    }
