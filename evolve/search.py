"""The search: propose, admit, evaluate, select, in batches that make it repeatable.

A batch has one size whatever the number of workers, and generation g draws from a generator seeded
with (rng_seed, g) alone, so the candidates depend on the settings and on nothing else. Resuming is
the same loop: an evaluation that the store already has is looked up instead of computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import numpy as np

from actdsl.errors import ActdslError
from actdsl.evolve.admission import Admission, RefusedError
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Identity, Status
from actdsl.evolve.evaluator import Evaluator, Outcome
from actdsl.evolve.proposers import PROPOSERS, Proposal
from actdsl.evolve.scoring import BASELINE, Scoring
from actdsl.evolve.settings import Settings
from actdsl.evolve.store import Store

BATCH = 12
"""Candidates evaluated between one selection and the next."""

PATIENCE = 1000
"""Refusals in a row after which the proposer has nothing left to say."""

REFERENCES = ("activation gelu(x):\n    return gelu(x)\n",)
"""What every run compares with beside the baseline, outside of the search."""


class Search:
    """One run of the search.

    Args:
        settings: what to do.
        store: where every candidate and evaluation is kept, and looked up.
        evaluator: what evaluates, on the settings' suite and seeds.
    """

    def __init__(self, settings: Settings, store: Store, evaluator: Evaluator) -> None:
        self.archive = Archive()
        self._settings, self._store, self._evaluator = settings, store, evaluator
        self._proposer = PROPOSERS[settings.proposer](settings.allow_contextual)
        self._admission = Admission(settings.allow_contextual, settings.max_flops)
        self._scoring: Scoring | None = None  # once the baseline is evaluated, the first of all
        self._numbers = count()

    def __iter__(self) -> Iterator[Candidate]:
        """Every candidate, refused ones too, as it is settled.

        Raises:
            ActdslError: a seed is refused, the baseline fails, or the proposer has nothing new.
        """
        seeds = [self._seed(text) for text in self._settings.seeds]
        yield from self._settle([self._reference(BASELINE)])
        yield from self._settle([self._reference(text) for text in REFERENCES] + seeds)
        generation = 1
        while missing := self._settings.candidates - self.archive.evaluated:
            yield from self._generation(generation, min(BATCH, missing))
            generation += 1

    def _seed(self, text: str) -> Candidate:
        candidate = self._considered(0, Proposal(text, "seed"))
        if candidate.status is Status.REFUSED:
            raise ActdslError(f"a seed is refused: {candidate.reason}")
        return candidate

    def _reference(self, text: str) -> Candidate:
        """A reference is known to admission, so that nothing is spent on finding it again."""
        identity = Admission().admit(text)
        self._admission.know(identity)
        return self._numbered(0, Proposal(text, "reference"), identity=identity)

    def _generation(self, generation: int, size: int) -> Iterator[Candidate]:
        rng = np.random.default_rng([self._settings.rng_seed, generation])
        admitted: list[Candidate] = []
        refused_in_a_row = 0
        while len(admitted) < size:
            proposal = self._proposer.ask(rng, self.archive.parents(rng))
            candidate = self._considered(generation, proposal)
            if candidate.status is Status.ADMITTED:
                admitted.append(candidate)
                refused_in_a_row = 0
                continue
            yield self._settled(candidate)
            refused_in_a_row += 1
            if refused_in_a_row == PATIENCE:
                raise ActdslError(
                    f"{PATIENCE} proposals in a row were refused, the last as {candidate.reason}"
                )
        yield from self._settle(admitted)

    def _considered(self, generation: int, proposal: Proposal) -> Candidate:
        try:
            identity = self._admission.admit(proposal.text)
        except RefusedError as refusal:
            candidate = self._numbered(generation, proposal)
            return replace(candidate, status=Status.REFUSED, reason=str(refusal))
        return self._numbered(generation, proposal, identity)

    def _numbered(
        self, generation: int, proposal: Proposal, identity: Identity | None = None
    ) -> Candidate:
        return Candidate(
            number=next(self._numbers),
            generation=generation,
            text=proposal.text,
            operator=proposal.operator,
            parents=proposal.parents,
            identity=identity,
        )

    def _settle(self, batch: Sequence[Candidate]) -> Iterator[Candidate]:
        """The candidates of a batch as they finish: first those known to the store.

        A function that occurs twice (a seed may be a reference) is evaluated once.
        """
        waiting: dict[str, list[Candidate]] = {}
        for candidate in batch:
            outcome = self._store.outcome(candidate.hash)
            if outcome is None:
                waiting.setdefault(candidate.hash, []).append(candidate)
            else:
                yield self._evaluated(candidate, outcome)
        hashes = list(waiting)
        for index, outcome in self._evaluator.outcomes([waiting[h][0].text for h in hashes]):
            self._store.keep(hashes[index], outcome)
            for candidate in waiting[hashes[index]]:
                yield self._evaluated(candidate, outcome)

    def _evaluated(self, candidate: Candidate, outcome: Outcome) -> Candidate:
        if self._scoring is None:
            self._scoring = Scoring(self._settings.suite, self._settings.lab_seeds, outcome)
        return self._settled(
            replace(
                candidate,
                status=Status.FAILED if outcome.losses is None else Status.EVALUATED,
                reason=outcome.error,
                score=self._scoring(outcome),
                seconds=outcome.seconds,
            )
        )

    def _settled(self, candidate: Candidate) -> Candidate:
        self._store.record(candidate)
        self.archive.add(candidate)
        return candidate
