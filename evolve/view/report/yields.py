"""What each proposer and each operator was good for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.proposers import Cost, Proposal


@dataclass
class Yield:
    """Counts of candidates by what became of them.

    Attributes:
        proposed: all of them.
        refused: before evaluation.
        failed: in evaluation.
        dropped: in a race.
        evaluated: in full.
        records: those that were better, when they came, than all before them.
        best: the least ratio.
        cost: of the proposals.
        troubles: how often something went wrong in asking, by kind.
    """

    proposed: int = 0
    refused: int = 0
    failed: int = 0
    dropped: int = 0
    evaluated: int = 0
    records: int = 0
    best: float = float("inf")
    cost: Cost = field(default_factory=Cost)
    troubles: dict[str, int] = field(default_factory=dict)


def yields(
    candidates: Iterable[Candidate],
    proposals: Mapping[int, Proposal],
    kind: Callable[[Candidate, Proposal | None], str],
) -> dict[str, Yield]:
    """By kind, the most productive first."""
    found: dict[str, Yield] = {}
    for candidate, is_record in _records(candidates):
        proposal = proposals.get(candidate.number)
        counts = found.setdefault(kind(candidate, proposal), Yield())
        counts.proposed += 1
        name = candidate.status.value
        setattr(counts, name, getattr(counts, name) + 1)
        counts.records += is_record
        counts.best = min(counts.best, candidate.ratio)
        if proposal is not None:
            counts.cost += proposal.cost
            for trouble in proposal.troubles:
                counts.troubles[trouble] = counts.troubles.get(trouble, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1].records, item[1].best)))


def _records(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, bool]]:
    least = float("inf")
    for candidate in candidates:
        if candidate.is_reference:
            continue
        finished = candidate.status is Status.EVALUATED
        yield candidate, finished and candidate.ratio < least
        if finished:
            least = min(least, candidate.ratio)
