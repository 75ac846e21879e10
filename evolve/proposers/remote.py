"""The proposer that asks a model behind an endpoint, wherever that is."""

from __future__ import annotations

import time
from functools import partial
from threading import Lock

import numpy as np

from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.endpoint.chat import Endpoint
from actdsl.evolve.proposers.endpoint.conversation import Conversation
from actdsl.evolve.proposers.endpoint.faults import FaultError, Remedy
from actdsl.evolve.proposers.endpoint.fenced import program_in
from actdsl.evolve.proposers.gone import GoneError
from actdsl.evolve.proposers.prompting import Prompts
from actdsl.evolve.proposers.proposal import Cost, Proposal
from actdsl.evolve.proposers.proposer import Untold
from actdsl.grammar import SourceError, parse

SILENCE = 6
"""Proposals in a row without an answer after which the endpoint counts as gone."""


class RemoteProposer(Untold):
    """Asks a chat model for an activation, and once more if what it wrote cannot be read.

    Args:
        endpoint: where the model is.
        prompts: what it is asked with.
        contextual: whether statistics of the tensor may be written.
        max_flops: the most FLOPs per element that a candidate may cost, or None.
    """

    at_once = 4

    def __init__(
        self,
        endpoint: Endpoint,
        prompts: Prompts,
        contextual: bool = False,
        max_flops: int | None = None,
    ) -> None:
        self._endpoint, self._prompts = endpoint, prompts
        self._system = partial(prompts.task, contextual, max_flops)
        self._silent = 0
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model, as ``openai:MODEL``."""
        return f"openai:{self._endpoint.model}"

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        """What the model wrote, as canonical text if it can be read.

        Raises:
            GoneError: the endpoint refuses the key or the model, or has fallen silent.
        """
        start = time.perf_counter()
        talk = Conversation(self._system, seed=int(rng.integers(2**31)))
        text, operator, fault = "", "written", None
        try:
            answer = self._endpoint.answer(talk, self._prompts.ask(context))
            text, diagnostics = _read(answer)
            if diagnostics:
                operator = "repaired"
                prompt = self._prompts.repair(diagnostics, self._endpoint.is_held)
                text, _ = _read(self._endpoint.answer(talk, prompt))
        except FaultError as met:
            fault = met
        proposal = Proposal(
            text,
            operator,
            tuple(parent.number for parent in context.parents),
            self.name,
            talk.cost + Cost(seconds=time.perf_counter() - start),
            talk.logged(),
            tuple(talk.troubles),
            str(fault) if fault and not text else "",
        )
        if end := self._end(fault):
            raise GoneError(end, proposal) from fault
        return proposal

    def most(self, context: Context) -> Cost:
        """What an answer and its repair may cost."""
        system = self._system(self._endpoint.is_held)
        return self._endpoint.most(system + self._prompts.ask(context))

    def close(self) -> None:
        """Have the endpoint keep nobody waiting."""
        self._endpoint.close()

    def _end(self, fault: FaultError | None) -> str:
        """Count how often in a row there was no answer at all; why it was once too often, if so."""
        with self._lock:
            silent = fault is not None and fault.remedy is not Remedy.ANOTHER
            self._silent = self._silent + 1 if silent else 0
            if fault is not None and fault.remedy is Remedy.END:
                return f"{self.name} does not answer: {fault}"
            if self._silent >= SILENCE:
                return f"{self.name} did not answer {SILENCE} times in a row, the last: {fault}"
            return ""


def _read(answer: str) -> tuple[str, str]:
    """The program in an answer, and what is wrong with it, rendered; nothing is, if it is canonical.

    Raises:
        FaultError: there is no activation in it.
    """
    found = program_in(answer)
    if not found:
        raise FaultError("junk", f"no activation in {answer.strip()!r}", Remedy.ANOTHER)
    try:
        return parse(found).program.text, ""
    except SourceError as error:
        return found, str(error)
