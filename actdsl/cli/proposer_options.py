"""The options that say who writes candidates, and how models behind endpoints are reached."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

from actdsl.cli.finite import FiniteRange
from actdsl.cli.options import together

proposer_option = click.option(
    "--proposer",
    metavar="P",
    help="What writes candidates: grammar, random, llama, llama:PATH (a GGUF file), "
    "openai:MODEL, or several with commas between them; auto takes the best that is there.  "
    "[default: auto]",
)

model_options = together(
    click.option(
        "--base-url",
        metavar="URL",
        help="Where openai:MODEL is, if not at OpenAI: any endpoint that speaks its protocol.",
    ),
    click.option(
        "--api-key-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Holds the endpoint's key.  [default: the variable OPENAI_API_KEY]",
    ),
    click.option(
        "--answer-within",
        type=FiniteRange(0, min_open=True),
        metavar="S",
        help="Seconds that a request to it may take.  [default: 120]",
    ),
    click.option(
        "--price",
        metavar="IN,OUT",
        help="What it costs: dollars for a million tokens read and for a million written.",
    ),
    click.option(
        "--prompts",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Prompts of your own, by the names of those in evolve/proposers/prompts.",
    ),
)
"""The command with these options."""

_REMOTE = "openai:"


def state_proposer(stated: dict[str, Any], begins: bool) -> str:
    """Turn what the options say into settings.

    A run that begins gets a proposer if none is named; what is returned is a line to say which. One
    that is gone on with keeps its own.

    Raises:
        click.UsageError: see :func:`state_models`; or a limit in dollars has no price.
    """
    from actdsl.evolve.proposers import AUTO, best_there_is

    line = ""
    if stated.get("proposer", AUTO) == AUTO:
        stated.pop("proposer", None)
        if begins:
            stated["proposer"], line = best_there_is()
    state_models(stated, stated.get("proposer"))
    if begins and "usd" in stated and "price" not in stated and _REMOTE in stated["proposer"]:
        raise click.UsageError("a limit in dollars needs a price: give --price IN,OUT")
    return line


def state_models(stated: dict[str, Any], proposer: str | None) -> None:
    """Turn what the options say of models into settings.

    Args:
        stated: the settings.
        proposer: all that will write candidates, by name; None if that is not known here.

    Raises:
        click.UsageError: an endpoint is described that no proposer asks, or a price is none.
    """
    from actdsl.evolve.settings import ENDPOINT

    if proposer is not None and _REMOTE in proposer:
        found = os.environ.get("OPENAI_BASE_URL")
        if found:
            stated.setdefault("base_url", found)
    elif proposer is not None and (idle := [name for name in ENDPOINT if name in stated]):
        option = idle[0].replace("_", "-")
        raise click.UsageError(f"--{option} is for a proposer openai:MODEL, and none is named")
    for name in ("api_key_file", "prompts"):
        if name in stated:
            stated[name] = str(stated[name].absolute())
    if "price" in stated:
        stated["price"] = _price(stated["price"])


def _price(text: str) -> tuple[float, float]:
    try:
        read, written = map(float, text.split(","))
    except ValueError:
        read = written = math.nan
    if not all(math.isfinite(price) and price >= 0 for price in (read, written)):
        raise click.BadParameter("give two prices, as in 0.15,0.6", param_hint="--price")
    return read, written
