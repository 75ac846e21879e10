"""Scores, candidates and runs as data for JSON."""

from __future__ import annotations

from typing import Any

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.lab import SUITES, Score
from actdsl.evolve.record.run_directory import RunDirectory
from actdsl.evolve.view.formula import formula
from actdsl.grammar import parse

_ROWS = 10


def score_document(name: str, score: Score, flops: int) -> dict[str, Any]:
    """One activation's result in the lab."""
    return {
        "name": name,
        "ratio": score.ratio,
        "interval": list(score.interval),
        "families": score.families,
        "wins": score.wins,
        "in_distribution": score.in_distribution,
        "diverged": score.diverged,
        "learnt": score.learnt,
        "flops": flops,
    }


def candidate_document(candidate: Candidate) -> dict[str, Any]:
    """A candidate that was paid for, with the score that it is ranked by.

    ``search_ratio`` is that on the seeds that chose it, where it was re-tested on others.
    """
    assert candidate.score is not None
    return {
        **score_document(candidate.name, candidate.standing, candidate.flops),
        "retested": candidate.retest is not None,
        "search_ratio": candidate.score.ratio,
        "formula": formula(candidate.text),
        "kind": parse(candidate.text).program.kind.value,
        "hash": candidate.hash,
        "number": candidate.number,
        "island": candidate.island,
        "niche": str(candidate.niche),
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
        "fresh_seeds": list(settings.fresh_seeds),
        "references": {c.name: c.ratio for c in archive.references},
        "evaluated": archive.evaluated,
        "proof": directory.store.fact("proof"),
        "cost": cost_document(directory),
        "lineage": [candidate_document(c) for c in archive.lineage(best)],
        "rng_seed": settings.rng_seed,
        "command": directory.store.fact("command"),
        "versions": directory.store.fact("versions"),
    }


def cost_document(directory: RunDirectory) -> dict[str, Any]:
    """What a run has cost so far, over all processes that worked on it."""
    store = directory.store
    proposals = store.proposals().values()
    return {
        "evaluations": len(store.evaluations()),
        "evaluation_seconds": store.seconds(),
        "proposals": len(proposals),
        "tokens": sum(p.cost.tokens for p in proposals),
        "usd": sum(p.cost.usd for p in proposals),
        "wall_seconds": sum(store.sessions().values()),
    }


def run_document(directory: RunDirectory, archive: Archive) -> dict[str, Any]:
    """A whole run: its settings, its counts, the best and the references."""
    best = archive.best
    return {
        "run": str(directory.path),
        "settings": directory.settings.as_json(),
        "ended": directory.store.fact("ended") or "",
        "evaluated": archive.evaluated,
        "failed": sum(c.status is Status.FAILED for c in archive.ranked),
        "dropped": sum(c.status is Status.DROPPED for c in archive.ranked),
        "refused": dict(archive.refusals),
        "cost": cost_document(directory),
        "proof": directory.store.fact("proof"),
        "best": None if best is None else candidate_document(best),
        "references": [candidate_document(c) for c in archive.references],
        "leaderboard": [candidate_document(c) for c in archive.ranked[:_ROWS]],
    }
