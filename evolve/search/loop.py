"""The search: propose, admit, evaluate, select, in a pipeline whose result no timing changes.

Candidates are settled in the order in which they were admitted, whoever finishes first, and each is
proposed when all but a fixed number of those before it are settled; proposal n draws from a
generator seeded with (rng_seed, n) alone. So what is known when it is made depends on the settings,
and on nothing else, and no process waits for the slowest of a batch. Whoever is ahead of the best
is trained again on fresh seeds, in the same pipeline, and ranked by these from then on.

Resuming is the same loop: a proposal that the log already has is not asked for again, and an
evaluation that the store has is not computed again. So is replaying, without anyone to ask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from actdsl.evolve.admission import Admission, RefusedError, check_seeds
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.evaluation.evaluator import Evaluator, Outcome
from actdsl.evolve.evaluation.scoring import BASELINE, RIVAL
from actdsl.evolve.lab import Race
from actdsl.evolve.proposers import Context, Failure, Proposal, Proposer
from actdsl.evolve.record.evaluations import Evaluations
from actdsl.evolve.record.session import Session
from actdsl.evolve.record.store import Store
from actdsl.evolve.search.asking import Asking
from actdsl.evolve.search.assessment import Assessment
from actdsl.evolve.search.budget import Budget
from actdsl.evolve.search.population import Population
from actdsl.evolve.settings import Settings

CHALLENGERS = 2
"""Candidates re-tested at a time: the first may turn out so good that the others need not be."""

EXAMPLES = 6
"""The best so far that a proposer is shown besides its parents."""

FAILURES = 4
"""The latest refusals that it is shown."""

PATIENCE = 1000
"""Refusals in a row after which the proposer has nothing left to say."""

PAID_PATIENCE = 40
"""The same of refusals that cost tokens."""

WORTH_TUNING = 12
"""A candidate's constants are tuned if it is among so many of the best."""

TUNED = "tuned"
"""The operator, and the proposer, of a candidate whose constants were."""

Settle = Callable[[Any], Iterable[Candidate]]


class Search:
    """One run of the search.

    Args:
        settings: what to do.
        store: where every proposal, candidate and evaluation is kept, and looked up.
        evaluator: what evaluates, on the settings' suite.
        proposer: who writes candidates; without one, the store's log has all there will be.
        session: what the limit on time goes by; from now on if there is none.

    Attributes:
        archive: all that is settled.
        ended: why the search is over, in words; empty before.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        evaluator: Evaluator,
        proposer: Proposer | None,
        session: Session | None = None,
    ) -> None:
        self.archive = Archive()
        self.ended = ""
        self._settings, self._store = settings, store
        self._evaluations = Evaluations(store, evaluator)
        self._asking = Asking(proposer, store)
        self._session = session or Session()
        others = store.sessions().items()
        before = sum(seconds for begun, seconds in others if begun != self._session.begun)
        self._budget = Budget(settings, self._session, before)
        self._admission = Admission(settings.allow_contextual, settings.max_flops)
        self._population = Population(settings.islands, settings.niches)
        self._assessment = Assessment(settings)
        self._failures: deque[Failure] = deque(maxlen=FAILURES)
        self._refused_in_a_row = self._paid_in_vain = 0
        self._next = 0  # the number of the next candidate
        # Tuned candidates of before have numbers in the log, which are here by their parents'.
        proposals = store.proposals().items()
        self._tuned_before = {p.parents[0]: n for n, p in proposals if p.operator == TUNED}
        self._counted = 0  # candidates admitted, settled or not, references not
        # What is in flight, oldest first: what will come, and what is to be done with it.
        self._pipeline: deque[tuple[Future[Any], Settle]] = deque()
        self._retesting: set[int] = set()

    def __iter__(self) -> Iterator[Candidate]:
        """Every candidate, refused ones too, as it is settled.

        Raises:
            ActdslError: a seed is refused, or the baseline fails.
        """
        try:
            yield from self._given()
            yield from self._evolved()
        finally:
            self._asking.close()

    def _given(self) -> Iterator[Candidate]:
        check_seeds(self._settings)
        seeds = [self._seed(text) for text in self._settings.seeds]
        references = [self._reference(text) for text in (BASELINE, RIVAL)]
        for candidate in references:
            self._evaluate(candidate)
        for candidate in references:
            self._retest(candidate)
        for candidate, proposal in seeds:
            self._evaluate(candidate, proposal)
        while self._pipeline:
            yield from self._settle_oldest()

    def _seed(self, text: str) -> tuple[Candidate, Proposal]:
        proposal = Proposal(text, "seed")
        return self._considered(self._number(), proposal), proposal

    def _reference(self, text: str) -> Candidate:
        """A reference is known to admission, so that nothing is spent on finding it again."""
        identity = Admission().admit(text)
        self._admission.know(identity)
        return Candidate(self._number(), 0, text, "reference", identity=identity)

    def _evolved(self) -> Iterator[Candidate]:
        while True:
            room = len(self._pipeline) < self._settings.in_flight
            while room and not self.ended and len(self._asking) < self._asking.at_once:
                if not self._ask():
                    break
            if room and self._asking:
                yield from self._admit_oldest()
            elif self._pipeline:
                yield from self._settle_oldest()
            else:
                self.ended = self.ended or f"all {self._counted} candidates are evaluated"
                return

    def _ask(self) -> bool:
        """Have the next proposal made, if the budget has room for it beside those waited for."""
        if self._is_full:
            return False
        logged = self._logged()
        number = self._next
        if logged is not None:
            self._asking.found(self._number(), logged)
            return True
        if self._asking.is_over:
            self.ended = "the log ends"
            return False
        rng = np.random.default_rng([self._settings.rng_seed, number])
        context = self._context(rng, number)
        most, asked = self._asking.most(context), self._asking.costs
        exhausted = self._budget.exhausted(len(self._pipeline), asked, most)
        if exhausted:
            # Those waited for may cost less than they might.
            self.ended = "" if asked else exhausted
            return False
        self._asking.ask(self._number(), rng, context, most)
        return True

    @property
    def _is_full(self) -> bool:
        """Whether those in flight and asked for, if they are admitted, are all that is wanted."""
        return self._counted + len(self._asking) >= self._settings.candidates

    def _context(self, rng: np.random.Generator, number: int) -> Context:
        ranked = self.archive.ranked
        if not self._settings.selection:
            ranked = [c for c in ranked if c.operator == "seed"]
        parents, niche = self._population.parents(rng, ranked, self._island(number))
        failures, known = tuple(self._failures), self._admission.known
        return Context(parents, ranked[:EXAMPLES], failures, niche, known)

    def _island(self, number: int) -> int:
        return number % self._settings.islands

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _admit_oldest(self) -> Iterator[Candidate]:
        seconds = self._budget.seconds_left(len(self._pipeline))
        try:
            number, proposal, gone = self._asking.take(seconds)
        except TimeoutError:
            self._asking.forget()
            self.ended = self.ended or self._budget.time_is_over
            return
        self.ended = self.ended or gone
        self._budget.paid(proposal)
        yield from self._admit(number, proposal)

    def _admit(self, number: int, proposal: Proposal) -> Iterator[Candidate]:
        candidate = self._considered(number, proposal)
        if candidate.status is Status.ADMITTED:
            self._refused_in_a_row = self._paid_in_vain = 0
            self._evaluate(candidate, proposal, self._assessment.race(self.archive.evaluated))
            return
        self._refused_in_a_row += 1
        self._paid_in_vain += proposal.cost.tokens > 0
        what = ""
        if self._paid_in_vain == PAID_PATIENCE:
            what = f"{PAID_PATIENCE} proposals that cost tokens"
        elif self._refused_in_a_row == PATIENCE:
            what = f"{PATIENCE} proposals"
        if what and not self.ended:
            self.ended = f"{what} were refused in a row, the last as {candidate.reason}"
        yield self._settled(candidate, proposal)

    def _considered(self, number: int, proposal: Proposal) -> Candidate:
        candidate = Candidate(
            number=number,
            island=self._island(proposal.parents[0] if proposal.operator == TUNED else number),
            text=proposal.text,
            operator=proposal.operator,
            parents=proposal.parents,
        )
        try:
            if proposal.failure:
                raise RefusedError(f"no answer: {proposal.failure}")
            identity = self._admission.admit(proposal.text)
        except RefusedError as refusal:
            return replace(candidate, status=Status.REFUSED, reason=str(refusal))
        return replace(candidate, identity=identity)

    def _evaluate(
        self, candidate: Candidate, proposal: Proposal | None = None, race: Race | None = None
    ) -> None:
        self._counted += proposal is not None
        seeds = self._settings.lab_seeds
        outcome = self._evaluations.ask(candidate.hash, candidate.text, seeds, race)
        self._pipeline.append((outcome, partial(self._evaluated, candidate, proposal, race)))

    def _retest(self, candidate: Candidate) -> None:
        self._retesting.add(candidate.number)
        seeds = self._settings.fresh_seeds
        outcome = self._evaluations.ask(candidate.hash, candidate.text, seeds)
        self._pipeline.append((outcome, partial(self._retested, candidate)))

    def _settle_oldest(self) -> Iterator[Candidate]:
        """The next in order, waited for if need be."""
        future, settle = self._pipeline.popleft()
        yield from settle(future.result())
        self._budget.settled()
        self._store.session(self._session)

    def _evaluated(
        self,
        candidate: Candidate,
        proposal: Proposal | None,
        race: Race | None,
        outcome: Outcome,
    ) -> Iterator[Candidate]:
        self._evaluations.settle(candidate.hash, self._settings.lab_seeds, outcome, race)
        settled = self._assessment.evaluated(candidate, outcome, race)
        yield self._settled(settled, proposal)
        self._challenge()
        if settled in self.archive.ranked[:WORTH_TUNING]:
            self._tune(settled)

    def _retested(self, candidate: Candidate, outcome: Outcome) -> Iterator[Candidate]:
        self._evaluations.settle(candidate.hash, self._settings.fresh_seeds, outcome)
        settled = self._assessment.retested(self.archive.known(candidate), outcome)
        self._store.retested(settled)
        self.archive.retested(settled)
        self._retesting.discard(candidate.number)
        self._challenge()
        yield from ()

    def _challenge(self) -> None:
        """Have those ahead of the best re-tested, so that the first of all is a confirmed one."""
        for candidate in self.archive.challengers[:CHALLENGERS]:
            if len(self._retesting) < CHALLENGERS and candidate.number not in self._retesting:
                self._retest(candidate)

    def _tune(self, candidate: Candidate) -> None:
        settings = self._settings
        wanted = settings.tuning and settings.selection and candidate.operator != TUNED
        if wanted and candidate.status is Status.EVALUATED:
            text = self._evaluations.ask_tuned(candidate.hash, candidate.text)
            self._pipeline.append((text, partial(self._tuned, candidate)))

    def _tuned(self, candidate: Candidate, text: str) -> Iterator[Candidate]:
        """A tuned candidate is a proposal like others, with a number of its own in the log."""
        self._evaluations.settle_tuned(candidate.hash, text)
        number = self._tuned_before.get(candidate.number)
        is_full = self._is_full if number is None else self._counted >= self._settings.candidates
        if text in ("", candidate.text) or is_full:
            return
        proposal = Proposal(text, TUNED, (candidate.number,), proposer=TUNED)
        if number is None:
            number = self._free_number()
            self._store.log(number, proposal)
        yield from self._admit(number, proposal)

    def _free_number(self) -> int:
        """The next, or, of a run that went on otherwise and has it in the log, the first after all."""
        return self._number() if self._logged() is None else self._store.after_all()

    def _logged(self) -> Proposal | None:
        """What the log has for the next number that no tuned candidate has."""
        while (logged := self._store.proposal(self._next)) and logged.operator == TUNED:
            self._number()
        return logged

    def _settled(self, candidate: Candidate, proposal: Proposal | None) -> Candidate:
        self._store.record(candidate)
        self.archive.add(candidate)
        if candidate.text and candidate.status in (Status.REFUSED, Status.FAILED):
            self._failures.append(Failure.of(candidate))
        if proposal is not None and proposal.operator not in (TUNED, "seed"):
            self._asking.tell(proposal, candidate)
        return candidate
