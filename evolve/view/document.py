"""Scores, candidates and runs as data for JSON."""

from __future__ import annotations

from typing import Any

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.lab import SUITES, Score
from actdsl.evolve.run_directory import RunDirectory
from actdsl.evolve.view.formula import formula

_ROWS = 10


def score_document(name: str, score: Score, flops: int) -> dict[str, Any]:
    """One activation's result in the lab."""
    return {
        "name": name,
        "ratio": score.ratio,
        "interval": list(score.interval),
        "families": score.families,
        "in_distribution": score.in_distribution,
        "diverged": score.diverged,
        "flops": flops,
    }


def candidate_document(candidate: Candidate) -> dict[str, Any]:
    """A candidate that was paid for."""
    assert candidate.score is not None
    return {
        **score_document(candidate.name, candidate.score, candidate.flops),
        "formula": formula(candidate.text),
        "hash": candidate.hash,
        "number": candidate.number,
        "generation": candidate.generation,
        "operator": candidate.operator,
        "parents": list(candidate.parents),
        "status": candidate.status.value,
        "reason": candidate.reason,
        "text": candidate.text,
    }


def certificate(directory: RunDirectory, archive: Archive, best: Candidate) -> dict[str, Any]:
    """What ``best.json`` says: the champion, and all that it takes to check or repeat it.

    The suite's version is also that of its tasks and of the trainer.
    """
    settings = directory.settings
    return {
        **candidate_document(best),
        "suite": str(SUITES[settings.suite]),
        "seeds": list(settings.lab_seeds),
        "references": {c.name: c.ratio for c in archive.references},
        "evaluated": archive.evaluated,
        "lineage": [candidate_document(c) for c in archive.lineage(best)],
        "rng_seed": settings.rng_seed,
        "command": directory.store.fact("command"),
        "versions": directory.store.fact("versions"),
    }


def run_document(directory: RunDirectory, archive: Archive) -> dict[str, Any]:
    """A whole run: its settings, its counts, the best and the references."""
    best = archive.best
    return {
        "run": str(directory.path),
        "settings": directory.settings.as_json(),
        "evaluated": archive.evaluated,
        "failed": sum(c.status is Status.FAILED for c in archive.ranked),
        "refused": dict(archive.refusals),
        "best": None if best is None else candidate_document(best),
        "references": [candidate_document(c) for c in archive.references],
        "leaderboard": [candidate_document(c) for c in archive.ranked[:_ROWS]],
    }
