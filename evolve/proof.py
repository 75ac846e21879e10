"""The proof: what the search believes in, scored once on a suite that it never saw.

The champions are chosen before, by the re-tests of the search, and in that order; what comes out
here is reported and selects nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actdsl.cost import cost
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.evaluation.evaluator import Evaluator
from actdsl.evolve.evaluation.scoring import Scoring
from actdsl.evolve.lab import TRAINER_VERSION, Evaluation, Score, score
from actdsl.evolve.lab.sealed import SEALED
from actdsl.evolve.record.evaluations import Evaluations
from actdsl.evolve.record.store import Store
from actdsl.grammar import parse
from actdsl.identity import canonical_hash
from actdsl.program import Kind
from actdsl.zoo_sources import zoo_texts

CHAMPIONS = 3
"""How many of the confirmed candidates are scored."""

RIVALS = ("relu", "gelu", "swish", "snake", "gelu_sine", "gelu_sinc", "gmtu", "turbulent")
"""What they are compared with: the usual ones, and the functions mined by others."""


@dataclass(frozen=True)
class Entry:
    """One activation on the sealed suite.

    Attributes:
        name: the activation's.
        text: its source.
        number: the candidate's; None of a rival.
        score: against ReLU.
        evaluation: its losses.
    """

    name: str
    text: str
    number: int | None
    score: Score
    evaluation: Evaluation


def prove(archive: Archive, store: Store, evaluator: Evaluator) -> dict[str, Any]:
    """The champions and their rivals on the sealed suite, as plain data.

    Raises:
        ActdslError: ReLU cannot be evaluated, or the store cannot be written to.
    """
    texts = zoo_texts()
    champions = [c for c in archive.ranked if c.retest is not None][:CHAMPIONS]
    named: list[tuple[str, str, Candidate | None]] = [
        *((name, texts[name], None) for name in RIVALS),
        *((c.name, c.text, c) for c in champions),
    ]
    evaluations = Evaluations(store, evaluator)
    hashes = [canonical_hash(parse(text).program) for _, text, _ in named]
    futures = [
        evaluations.ask(hash, text, SEALED.seeds, suite=SEALED)
        for hash, (_, text, _) in zip(hashes, named, strict=True)
    ]
    outcomes = [future.result() for future in futures]
    for hash, outcome in zip(hashes, outcomes, strict=True):
        evaluations.settle(hash, SEALED.seeds, outcome)
    scoring = Scoring(SEALED, SEALED.seeds, outcomes[0])
    entries = [
        Entry(name, text, c.number if c else None, scoring(outcome), scoring.evaluation(outcome))
        for (name, text, c), outcome in zip(named, outcomes, strict=True)
    ]
    rivals = [entry for entry in entries if entry.number is None]
    return {
        "suite": str(SEALED),
        "seeds": list(SEALED.seeds),
        "trainer": TRAINER_VERSION,
        "champions": [
            {**_row(entry), "against": {rival.name: _pair(entry, rival) for rival in rivals}}
            for entry in entries
            if entry.number is not None
        ],
        "rivals": [_row(rival) for rival in rivals],
    }


def _row(entry: Entry) -> dict[str, Any]:
    program, found = parse(entry.text).program, entry.score
    return {
        "name": entry.name,
        "number": entry.number,
        "hash": canonical_hash(program),
        "ratio": found.ratio,
        "interval": list(found.interval),
        "families": found.families,
        "in_distribution": found.in_distribution,
        "diverged": found.diverged,
        "flops": cost(program).flops,
        "contextual": program.kind is Kind.CONTEXTUAL,
        "text": entry.text,
    }


def _pair(entry: Entry, rival: Entry) -> dict[str, Any]:
    """The champion's losses over the rival's, run by run."""
    found = score(entry.evaluation, rival.evaluation)
    return {"ratio": found.ratio, "interval": list(found.interval)}
