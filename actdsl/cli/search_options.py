"""The options that say what to search and when to stop, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actdsl.cli.finite import FiniteRange
from actdsl.cli.options import lab_seeds_option, suite_option, together
from actdsl.errors import ActdslError

if TYPE_CHECKING:
    from actdsl.evolve import RunDirectory, Settings

seeds_option = click.option(
    "--seed",
    "seeds",
    multiple=True,
    metavar="FILE|NAME",
    help="A first parent: a file, or a name in the zoo. May be given several times.",
)

limit_options = together(
    click.option(
        "--candidates",
        type=click.IntRange(1),
        metavar="N",
        help="How many are evaluated, the seeds among them.  [default: 200]",
    ),
    click.option(
        "--minutes",
        type=FiniteRange(0, min_open=True),
        metavar="M",
        help="Stop proposing in time to end after so long.",
    ),
    click.option(
        "--tokens",
        type=click.IntRange(1),
        metavar="N",
        help="The most that models may read and write.",
    ),
    click.option(
        "--usd",
        type=FiniteRange(0, min_open=True),
        metavar="D",
        help="The most that may be paid for them, in dollars.",
    ),
)
"""The command with these options: a search ends at the first that it meets."""

search_options = together(
    suite_option,
    lab_seeds_option,
    click.option(
        "--max-flops",
        type=click.IntRange(1),
        metavar="N",
        help="Refuse what costs more.  [default: 40, or twice the dearest seed's]",
    ),
    click.option(
        "--allow-contextual",
        is_flag=True,
        default=None,
        help="Admit activations that look at the whole tensor.",
    ),
    click.option(
        "--no-racing",
        "racing",
        flag_value=False,
        default=None,
        type=bool,
        help="Train every candidate in full, however hopeless.",
    ),
    click.option(
        "--islands",
        type=click.IntRange(1),
        metavar="N",
        help="Populations that breed apart.  [default: 4]",
    ),
    click.option(
        "--in-flight",
        type=click.IntRange(1),
        metavar="N",
        help="Candidates on their way at a time: more workers than that are idle.  [default: 12]",
    ),
    click.option(
        "--no-tuning",
        "tuning",
        flag_value=False,
        default=None,
        type=bool,
        help="Leave the constants of good candidates as they were proposed.",
    ),
)
"""The command with these options: all that one search can do otherwise than another."""

_SPELLED = {"seeds": "seed", "lab_seeds": "seeds", "racing": "no-racing", "tuning": "no-tuning"}
"""Options that are called otherwise than the settings that they make."""


def stated_settings(seeds: tuple[str, ...], chosen: dict[str, Any]) -> dict[str, Any]:
    """What the command line says of the settings, by their names.

    Raises:
        ActdslError: a seed is no activation.
    """
    from actdsl.cli.sources import load_source
    from actdsl.evolve.lab import SUITES

    stated = {key: value for key, value in chosen.items() if value is not None}
    if stated.get("suite", "micro") not in SUITES:
        raise click.BadParameter(f"use one of {', '.join(SUITES)}", param_hint="--suite")
    if "lab_seeds" in stated:
        stated["lab_seeds"] = tuple(range(stated["lab_seeds"]))
    if seeds:
        stated["seeds"] = tuple(load_source(name).text for name in seeds)
    return stated


def new_settings(stated: dict[str, Any]) -> Settings:
    """The settings of a run that begins: what is stated, and for the rest what is usual."""
    from actdsl.evolve import Settings
    from actdsl.evolve.lab import SUITES
    from actdsl.evolve.settings import affordable

    suite_seeds = SUITES[stated.get("suite", "micro")].seeds
    return Settings(
        **{"lab_seeds": suite_seeds, "max_flops": affordable(stated["seeds"]), **stated}
    )


def resumed_run(path: Path, stated: dict[str, Any], command: str, start: float) -> RunDirectory:
    """The run under the limits that are stated; its other settings stay.

    ``command`` is what was typed, ``start`` what :func:`time.monotonic` said then.

    Raises:
        ActdslError: there is none, or it was begun with other settings.
    """
    from actdsl.evolve import RunDirectory
    from actdsl.evolve.settings import BUDGETS, ENDPOINT

    free = {*BUDGETS, *ENDPOINT}
    begun = RunDirectory.look_at(path)
    begun.store.close()
    for name, value in stated.items():
        if name not in free and getattr(begun.settings, name) != value:
            option = _SPELLED.get(name, name).replace("_", "-")
            raise ActdslError(
                f"{path} was begun with another --{option}: "
                "leave it out to go on, or choose another --run"
            )
    changes = {name: value for name, value in stated.items() if name in free}
    return RunDirectory.resume(path, command, start, **changes)
