"""Activations side by side in the lab, with ReLU and GELU among them whoever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actdsl.cost import cost
from actdsl.evolve.evaluation.evaluator import Comparing, Outcome
from actdsl.evolve.evaluation.scoring import BASELINE, RIVAL, Scoring
from actdsl.evolve.lab import Aggregate, Aggregated, Evaluation, Score, Suite, aggregated
from actdsl.grammar import parse
from actdsl.identity import canonical_hash
from actdsl.program import Program


@dataclass(frozen=True)
class Entry:
    """What the lab says of one activation.

    Attributes:
        program: the activation.
        evaluation: its losses; all diverged if it could not be evaluated.
        score: against ReLU, with wins against ReLU and GELU.
        aggregated: the number that it is ranked by.
        error: why it could not be evaluated, else empty.
    """

    program: Program
    evaluation: Evaluation
    score: Score
    aggregated: Aggregated
    error: str = ""

    @property
    def name(self) -> str:
        """The activation's name."""
        return self.program.name

    @property
    def flops(self) -> int:
        """FLOPs per element."""
        return cost(self.program).flops


def compare(
    programs: Sequence[Program],
    evaluator: Comparing,
    suite: Suite,
    seeds: tuple[int, ...],
    how: Aggregate = Aggregate.GEOMEAN,
    watch: Callable[[str, int], None] = lambda _name, _count: None,
) -> list[Entry]:
    """Evaluate on the suite and its seeds; the entries in the order of the programs.

    A function that is given twice, in whatever words, is trained once. Ranks, where the aggregate
    is one of them, are among these programs with ReLU and GELU. ``watch`` is called with the name
    of each activation as it is finished, and with the number of all.

    Raises:
        ActdslError: ReLU cannot be evaluated.
    """
    references = [parse(text).program for text in (BASELINE, RIVAL)]
    everyone: dict[str, Program] = {}
    for program in [*references, *programs]:
        everyone.setdefault(canonical_hash(program), program)
    hashes, outcomes = list(everyone), dict[str, Outcome]()
    texts = [program.text for program in everyone.values()]
    for index, outcome in evaluator.outcomes(texts, seeds):
        outcomes[hashes[index]] = outcome
        watch(everyone[hashes[index]].name, len(everyone))
    relu, gelu = map(canonical_hash, references)
    scoring = Scoring(suite, seeds, outcomes[relu])
    scoring.rivals["gelu"] = scoring.evaluation(outcomes[gelu])
    field = [scoring.evaluation(outcomes[hash]) for hash in hashes]
    numbers = dict(zip(hashes, aggregated(how, field, scoring.baseline), strict=True))
    return [
        Entry(
            program,
            scoring.evaluation(outcomes[hash]),
            scoring(outcomes[hash]),
            numbers[hash],
            outcomes[hash].error,
        )
        for program in programs
        for hash in (canonical_hash(program),)
    ]
