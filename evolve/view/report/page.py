"""The page: what was found, how well it is proved, how it came about and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.record.run_directory import RunDirectory
from actdsl.evolve.search.population import front, niches
from actdsl.evolve.view.formula import formula, marked
from actdsl.evolve.view.leaderboard import number
from actdsl.evolve.view.report.contest import contest_section
from actdsl.evolve.view.report.html import Html, joined, section, style, table, tag
from actdsl.evolve.view.report.lineage import tree
from actdsl.evolve.view.report.pictures import course, functions
from actdsl.evolve.view.report.proof import proof_section
from actdsl.evolve.view.report.yields import Yield, yields

_LEADERS = 20
_DRAWN = 6

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing is loaded and no script runs, whatever a candidate's text may say."""


def page(directory: RunDirectory, contest: Mapping[str, Any] | None = None) -> str:
    """The report on a run, finished or not.

    Args:
        directory: of the run.
        contest: what compare-search found of ways to search, this one among them.

    Raises:
        ActdslError: the run's database cannot be read.
    """
    archive, store = directory.archive(), directory.store
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"actdsl: {directory.path.name}"),
        tag("style", style()),
    )
    body = [
        tag("h1", directory.path.name),
        tag("p", _outcome(directory, archive)),
        proof_section(store.fact("proof")),
        section(
            "Against other ways to search",
            *contest_section(contest, directory.settings, archive.evaluated),
        ),
        section("Leaderboard", *_leaderboard(archive)),
    ]
    if archive.ranked:
        body += [
            section("Functions", functions(_leaders(archive)[:_DRAWN])),
            section("Convergence", course(archive)),
            section("Lineage of the best", _lineage(archive)),
            section("Niches", *_niches(archive)),
        ]
    body += [
        section("Proposers", *_yields(directory)),
        section(
            "Refused before evaluation", table(["why", "how many"], archive.refusals.most_common())
        ),
        section("Cost", _cost(directory)),
        section("To repeat it", *_provenance(directory)),
    ]
    return "<!doctype html>\n" + tag("html", head, tag("body", *body), lang="en")


def _outcome(directory: RunDirectory, archive: Archive) -> str:
    best = archive.best
    ended = directory.store.fact("ended") or "it is not over"
    found = "nothing is confirmed yet"
    if best is not None:
        low, high = best.standing.interval
        found = (
            f"the best is {best.name}, with {number(best.ratio)} of ReLU's loss out of distribution "
            f"on fresh seeds (95 % interval {number(low)} to {number(high)})"
        )
    return f"{archive.evaluated} candidates evaluated: {found}. Why it ended: {ended}."


def _leaders(archive: Archive) -> list[Candidate]:
    confirmed = [c for c in archive.ranked if c.retest is not None]
    return confirmed + [c for c in archive.ranked if c.retest is None]


def _leaderboard(archive: Archive) -> Iterator[Html]:
    yield tag(
        "p",
        "Out-of-distribution loss over ReLU's, geometric mean; below 1 is better. Confirmed ones are "
        "scored on fresh seeds, beside the score that chose them.",
    )
    head = [
        "",
        "ratio",
        "95 % interval",
        "when chosen",
        "in distribution",
        "FLOPs",
        "made by",
        "formula",
    ]
    shown = sorted(
        [*archive.references, *archive.ranked[:_LEADERS]], key=lambda c: (c.ratio, c.number)
    )
    yield table(head, (_leader(c) for c in shown))


def _leader(candidate: Candidate) -> list[object]:
    score = candidate.standing
    assert candidate.score is not None
    low, high = score.interval
    return [
        f"{candidate.number}: {candidate.name}",
        number(score.ratio),
        f"{number(low)} to {number(high)}",
        number(candidate.score.ratio) if candidate.retest else tag("i", "not re-tested"),
        number(score.in_distribution),
        candidate.flops,
        tag("span", candidate.operator),
        tag("code", marked(candidate.text)),
    ]


def _lineage(archive: Archive) -> Html:
    best = archive.best or archive.ranked[0]
    return joined([tag("pre", best.text), tree(best, {c.number: c for c in archive.ranked})])


def _niches(archive: Archive) -> Iterator[Html]:
    counts: dict[object, int] = {}
    for candidate in archive.ranked:
        counts[candidate.niche] = counts.get(candidate.niche, 0) + 1
    yield tag("p", f"{len(counts)} kinds of function were evaluated; the best of each:")
    yield table(
        ["kind", "evaluated", "best", "formula"],
        (
            [tag("span", niche), counts[niche], number(c.ratio), tag("code", formula(c.text))]
            for niche, c in niches(archive.ranked).items()
        ),
    )
    yield tag("p", "Those that are cheaper than all that are better:")
    yield table(
        ["FLOPs", "ratio", "formula"],
        ([c.flops, number(c.ratio), tag("code", formula(c.text))] for c in front(archive.ranked)),
    )


def _yields(directory: RunDirectory) -> Iterator[Html]:
    candidates, proposals = directory.store.settled(), directory.store.proposals()
    by_proposer = yields(candidates, proposals, lambda c, p: (p and p.proposer) or c.operator)
    by_operator = yields(candidates, proposals, lambda c, _: c.operator)
    for title, found in (("proposer", by_proposer), ("operator", by_operator)):
        head = [title, "proposed", "refused", "failed", "dropped", "evaluated in full", "records", "best",
                "tokens", "USD", "seconds", "troubles"]  # fmt: skip
        yield table(head, (_yield(name, counts) for name, counts in found.items()))


def _yield(name: str, counts: Yield) -> list[object]:
    troubles = ", ".join(f"{count} {trouble}" for trouble, count in counts.troubles.items())
    return [
        tag("span", name), counts.proposed, counts.refused, counts.failed, counts.dropped,
        counts.evaluated, counts.records, number(counts.best), counts.cost.tokens,
        f"{counts.cost.usd:.4f}", f"{counts.cost.seconds:.1f}", tag("span", troubles),
    ]  # fmt: skip


def _cost(directory: RunDirectory) -> Html:
    store = directory.store
    sessions, proposals = store.sessions(), store.proposals().values()
    rows: list[list[object]] = [
        ["wall time, minutes", f"{sum(sessions.values()) / 60:.1f}"],
        ["processes that worked on it, one after the other", len(sessions)],
        ["evaluation, core minutes", f"{store.seconds() / 60:.1f}"],
        ["proposing, minutes", f"{sum(p.cost.seconds for p in proposals) / 60:.1f}"],
        ["tokens", sum(p.cost.tokens for p in proposals)],
        ["USD", f"{sum(p.cost.usd for p in proposals):.4f}"],
        ["failed in evaluation", sum(c.status is Status.FAILED for c in store.settled())],
    ]
    return table(["", ""], rows)


def _provenance(directory: RunDirectory) -> Iterator[Html]:
    store = directory.store
    yield tag("pre", str(store.fact("command")))
    yield tag("pre", f"actdsl replay {directory.path}")
    yield table(
        ["version of", ""], ([k, tag("span", v)] for k, v in store.fact("versions").items())
    )
    settings = directory.settings.as_json()
    yield table(["setting", ""], ([k, tag("span", v)] for k, v in settings.items() if k != "seeds"))
    yield from (tag("pre", text) for text in directory.settings.seeds)
