"""The report's chapter on what the search itself is worth: other ways to search, at one budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from actdsl.evolve.settings import Settings
from actdsl.evolve.view.contest import known
from actdsl.evolve.view.report.html import Html, table, tag


def contest_section(
    contest: Mapping[str, Any] | None, settings: Settings, evaluated: int
) -> Iterator[Html]:
    """The means over runs, what they allow to say, and every run; says so if there are none."""
    if contest is None:
        yield tag(
            "p",
            "Whether this way to search beats independent proposals was not measured: "
            "actdsl compare-search does it.",
        )
        return
    yield tag("p", _budgets(contest, settings, evaluated))
    yield table(
        ["way to search", "runs", "candidates", "sealed loss / ReLU's", "95 % interval",
         f"over {contest['control']}'s", "95 % interval", "minutes", "tokens", "USD"],
        map(_mean, contest["rows"]),
    )  # fmt: skip
    yield tag("ul", *(tag("li", verdict) for verdict in contest["verdicts"]))
    yield tag("p", "Each run, with its champion's interval over the sealed tasks and seeds:")
    yield table(
        ["way to search", "random seed", "candidates", "champion", "sealed loss / ReLU's",
         "95 % interval", "minutes", "tokens"],
        map(_run, contest["results"]),
    )  # fmt: skip


def _budgets(contest: Mapping[str, Any], settings: Settings, evaluated: int) -> str:
    """What was compared, and whether this run had as much."""
    said = (
        f"Every way to search had {contest['candidates']} candidates on {contest['suite']}, and its "
        "champion was scored on the sealed suite; below 1 is better than ReLU. Means are geometric, "
        "their intervals over runs with different random seeds; of one run there is none."
    )
    if settings.suite != contest["suite"]:
        return f"{said} This run is on another suite, {settings.suite}."
    if evaluated != contest["candidates"]:
        return f"{said} This run is on another budget: {evaluated} candidates."
    return said


def _mean(row: Mapping[str, Any]) -> list[object]:
    return [
        tag("span", row["name"]), row["runs"], f"{row['evaluated']:g}",
        known(row["sealed"]), known(row["interval"]),
        known(row["against"]), known(row["against_interval"]),
        f"{row['minutes']:.1f}", f"{row['tokens']:.0f}", f"{row['usd']:.4f}",
    ]  # fmt: skip


def _run(result: Mapping[str, Any]) -> list[object]:
    return [
        tag("span", result["contestant"]), result["rng_seed"], result["evaluated"],
        tag("span", result["champion"] or "nothing confirmed"),
        known(result["sealed"]), known(result["interval"]),
        f"{result['seconds'] / 60:.1f}", result["tokens"],
    ]  # fmt: skip
