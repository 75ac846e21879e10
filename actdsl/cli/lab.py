"""``actdsl lab``: activations scored in the micro-lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.options import (
    json_option,
    lab_seeds_option,
    refuse_idle,
    suite_option,
    workers_option,
)
from actdsl.errors import ActdslError
from actdsl.writing import writing

if TYPE_CHECKING:
    from actdsl.api import Activation
    from actdsl.evolve.comparison import Entry
    from actdsl.evolve.lab import Aggregate, Suite

_OF_TRAINING = ("sources", "lab_seeds", "aggregate", "device", "workers", "task")
"""Parameters that say what is trained, and how it is ranked."""

_TIMED = 2**16
_SECONDS = 0.05
"""How many elements a forward pass is timed on, and for how long."""


@click.command()
@click.argument("sources", nargs=-1, metavar="FILE|NAME...")
@lab_seeds_option
@suite_option
@click.option(
    "--ood",
    type=click.Choice(["beyond", "hole", "wider", "frequency"]),
    default="beyond",
    show_default=True,
    help="What is out of distribution.",
)
@click.option(
    "--aggregate",
    type=click.Choice(["geomean", "mean", "rank"]),
    default="geomean",
    show_default=True,
    help="What the ranking goes by.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where the networks are trained: on a GPU, all of them at once.",
)
@workers_option
@click.option(
    "--list", "listing", is_flag=True, help="Show the suites, or the one named, and their tasks."
)
@click.option(
    "--plot",
    metavar="OUT.png",
    help="Also draw scores, fits of a task, and functions; with --list, OUT is a folder of tasks.",
)
@click.option("--task", metavar="NAME", help="The task whose fits are drawn.  [default: the first]")
@json_option
@click.pass_context
def lab(
    ctx: click.Context,
    sources: tuple[str, ...],
    lab_seeds: int | None,
    suite: str | None,
    ood: str,
    aggregate: str,
    device: str,
    workers: int | None,
    listing: bool,
    plot: str | None,
    task: str | None,
    as_document: bool,
) -> None:
    """Out-of-distribution loss of each FILE or zoo NAME, against ReLU's on the same networks.

    Small networks learn each task on one half of its range and are measured on the other. Below 1
    is better than ReLU. `zoo` stands for all of the zoo.
    """
    from actdsl.evolve.lab import Aggregate

    if listing:
        refuse_idle(ctx, _OF_TRAINING, "beside --list")
        _list(_suites(suite, ood), plot, as_document)
        return
    if not sources:
        raise click.UsageError("name a file, an activation of the zoo, or zoo for all of it")
    if plot is None:
        refuse_idle(ctx, ("task",), "without --plot")
    if device == "cuda":
        from actdsl.evolve.evaluation.device import check_device

        refuse_idle(ctx, ("workers",), "on a GPU")
        check_device()
    (here,) = _suites(suite or "micro", ood)
    if task is not None and task not in {t.name for t in here.tasks}:
        raise click.BadParameter(f"{here} has no task '{task}': see --list", param_hint="--task")
    how = Aggregate(aggregate)
    activations = _activations(sources)
    seeds = tuple(range(lab_seeds)) if lab_seeds else here.seeds
    entries = _entries(activations, here, seeds, how, device, workers)
    times = {act.name: ns for act in activations if (ns := _nanoseconds(act)) is not None}
    for entry in entries:
        if entry.error:
            click.echo(f"error: {entry.name} was not evaluated: {entry.error}", err=True)
    if plot is not None:
        _draw(entries, here, task, seeds[0], how, plot)
    if as_document:
        click.echo(json.dumps(_document(entries, times, here, seeds, how, device), indent=2))
    else:
        from actdsl.evolve.view import comparison_table, console

        console().print(comparison_table(entries, how, times))
    if any(entry.error for entry in entries):
        ctx.exit(1)


def _suites(name: str | None, ood: str) -> list[Suite]:
    """The suite of that name, or all: the sealed one too, as looking at its tasks is no search."""
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.lab.sealed import SEALED
    from actdsl.evolve.lab.tasks import Shift

    known = {suite.name: suite for suite in (*SUITES.values(), SEALED)}
    if name not in (None, *known):
        raise click.BadParameter(f"use one of {', '.join(known)}", param_hint="--suite")
    return [suite.shifted(Shift(ood)) for suite in known.values() if name in (None, suite.name)]


def _activations(sources: tuple[str, ...]) -> list[Activation]:
    """Those named, without the zoo's gated units where the zoo was asked for as a whole."""
    from actdsl.api import zoo
    from actdsl.cli.sources import load_source

    found: dict[str, Activation] = {}
    for source in sources:
        for activation in zoo.values() if source == "zoo" else [load_source(source)]:
            if len(activation.inputs) == 1:
                found.setdefault(activation.text, activation)
            elif source != "zoo":
                raise ActdslError(
                    f"{activation.name} takes {len(activation.inputs)} inputs; "
                    "the lab's layers give an activation one"
                )
    return list(found.values())


def _entries(
    activations: list[Activation],
    suite: Suite,
    seeds: tuple[int, ...],
    how: Aggregate,
    device: str,
    workers: int | None,
) -> list[Entry]:
    from actdsl.evolve import Workers, cores
    from actdsl.evolve.comparison import compare
    from actdsl.evolve.evaluation.device import Device

    finished: list[str] = []

    def watch(name: str, count: int) -> None:
        finished.append(name)
        click.echo(f"{len(finished):3d}/{count}  {name}", err=True)

    if device == "cuda":
        return compare(activations, Device(suite), suite, seeds, how, watch)
    count = workers or min(cores(), 2 + len(activations))
    with Workers(suite, count) as evaluator:
        return compare(activations, evaluator, suite, seeds, how, watch)


def _nanoseconds(activation: Activation) -> float | None:
    """Of our own forward kernel, per element, on one thread of this machine."""
    from actdsl.backends import timing

    with timing.threads(1):
        cells = timing.measure(activation, [_TIMED], ["actdsl"], "cpu", _SECONDS, ["forward"])
        (cell,) = cells
    if not cell.results:
        return None
    return cell.best("actdsl").time.median / _TIMED * 1e9


def _document(
    entries: list[Entry],
    times: dict[str, float],
    suite: Suite,
    seeds: tuple[int, ...],
    how: Aggregate,
    device: str,
) -> dict[str, Any]:
    from actdsl.evolve.lab import TRAINER_VERSION
    from actdsl.evolve.view import comparison_rows

    head = {"suite": str(suite), "trainer": TRAINER_VERSION, "device": device}
    head |= {"seeds": list(seeds), "aggregate": how.value}
    return {**head, "results": comparison_rows(entries, times)}


def _list(suites: list[Suite], folder: str | None, as_document: bool) -> None:
    from actdsl.evolve.view import console, suite_document, suite_table

    if folder is not None:
        from actdsl.evolve.lab.tasks import picture

        for task in dict.fromkeys(task for suite in suites for task in suite.tasks):
            _write(f"{folder}/{task.name.replace('/', '-')}.png", picture(task))
    if as_document:
        click.echo(json.dumps({"suites": [suite_document(suite) for suite in suites]}, indent=2))
    else:
        console().print(suite_table(suites))


def _draw(
    entries: list[Entry], suite: Suite, task: str | None, seed: int, how: Aggregate, path: str
) -> None:
    from actdsl.evolve.view import comparison_picture

    chosen = next(t for t in suite.tasks if task in (None, t.name))
    _write(path, comparison_picture(entries, suite, chosen, seed, how))
    click.echo(f"plot: {path}", err=True)


def _write(path: str, content: bytes) -> None:
    with writing(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content)
