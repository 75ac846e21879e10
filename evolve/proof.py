"""The proof: what the search believes in, scored once on a suite that it never saw.

The champions are chosen before, by the re-tests of the search, and in that order; what comes out
here is reported and selects nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actdsl.cost import cost
from actdsl.evolve.archive import Archive
from actdsl.evolve.evaluation.evaluator import Evaluator, Outcome
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


def prove(archive: Archive, store: Store, evaluator: Evaluator) -> dict[str, Any]:
    """The champions and their rivals on the sealed suite, as plain data.

    A function is evaluated and scored once, be it a champion, a rival, or both.

    Raises:
        ActdslError: ReLU cannot be evaluated, or the store cannot be written to.
    """
    texts = zoo_texts()
    rivals = {name: canonical_hash(parse(texts[name]).program) for name in RIVALS}
    champions = [c for c in archive.ranked if c.retest is not None][:CHAMPIONS]
    everyone = {c.hash: c.text for c in champions}
    everyone |= {hash: texts[name] for name, hash in rivals.items()}
    outcomes = _outcomes(everyone, Evaluations(store, evaluator))
    scoring = Scoring(SEALED, SEALED.seeds, outcomes[rivals["relu"]])
    scores = {hash: scoring(outcome) for hash, outcome in outcomes.items()}
    losses = {hash: scoring.evaluation(outcome) for hash, outcome in outcomes.items()}
    return {
        "suite": str(SEALED),
        "seeds": list(SEALED.seeds),
        "trainer": TRAINER_VERSION,
        "champions": [
            {
                **_row(c.name, c.number, c.text, scores[c.hash]),
                "against": {
                    name: _pair(losses[c.hash], losses[hash]) for name, hash in rivals.items()
                },
            }
            for c in champions
        ],
        "rivals": [_row(name, None, texts[name], scores[hash]) for name, hash in rivals.items()],
    }


def _outcomes(texts: Mapping[str, str], evaluations: Evaluations) -> dict[str, Outcome]:
    """Of all texts, by their functions' hashes."""
    futures = {
        hash: evaluations.ask(hash, text, SEALED.seeds, suite=SEALED)
        for hash, text in texts.items()
    }
    outcomes = {hash: future.result() for hash, future in futures.items()}
    for hash, outcome in outcomes.items():
        evaluations.settle(hash, SEALED.seeds, outcome)
    return outcomes


def _row(name: str, number: int | None, text: str, found: Score) -> dict[str, Any]:
    """An activation's score against ReLU; ``number`` is the candidate's, None of a rival."""
    program = parse(text).program
    return {
        "name": name,
        "number": number,
        "hash": canonical_hash(program),
        "ratio": found.ratio,
        "interval": list(found.interval),
        "families": found.families,
        "in_distribution": found.in_distribution,
        "diverged": found.diverged,
        "flops": cost(program).flops,
        "contextual": program.kind is Kind.CONTEXTUAL,
        "text": text,
    }


def _pair(champion: Evaluation, rival: Evaluation) -> dict[str, Any]:
    """The champion's losses over the rival's, run by run."""
    found = score(champion, rival)
    return {"ratio": found.ratio, "interval": list(found.interval)}
