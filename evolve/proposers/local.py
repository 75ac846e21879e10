"""The proposer that writes with a model in this process: no key, no network."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers.context import Context
from actdsl.evolve.proposers.expressions.vocabulary import vocabulary
from actdsl.evolve.proposers.local_model import Completion, LocalModel
from actdsl.evolve.proposers.prompting import Prompts, functions_in, headline, shown, unreasoned
from actdsl.evolve.proposers.proposal import Cost, Exchange, Proposal
from actdsl.evolve.proposers.proposer import Untold
from actdsl.grammar import SourceError, parse
from actdsl.grammar.names import OPERATORS
from actdsl.grammar.productions import Bounds, productions
from actdsl.identity import canonical_hash
from actdsl.ops import TABLE

OPERATOR = "few-shot"
"""What its proposals are marked with."""

MOST_TOKENS = 160
"""Of one answer; what is longer is cut, and a cut answer is refused."""

TRIES = 3
"""Texts that it writes for one proposal, while they are cut or known."""

SHOWN = 3
"""Candidates of the run that the prompt holds."""

COPIES = 2
"""Of a small model. More would wait for evaluations, which cost about as much as two of them."""

_TEMPERATURES = (0.8, 1.3)
_NEW = 3
_INHERITED = 0.4
_BETTER = 0.9


class LocalProposer(Untold):
    """Has a small model go on with a list of functions and their scores, held to the grammar.

    A list that goes on suits a model of this size better than a conversation. The last entry, which
    it is to write, is announced with a score below the best and with a few functions to use. They are
    drawn for it, some from the parents, and the grammar has no others: left alone, a model of this
    size writes what it was just shown.

    Args:
        path: a GGUF file.
        prompts: what the list begins with.
        contextual: whether statistics of the tensor may be written.

    Attributes:
        at_once: how many copies of the model write side by side: more than one of a small one.
    """

    def __init__(self, path: Path, prompts: Prompts, contextual: bool = False) -> None:
        self._prompts, self._path, self._contextual = prompts, path, contextual
        self._idle: SimpleQueue[LocalModel] = SimpleQueue()
        opening = prompts.opening("few_shot")
        model = LocalModel(path, opening)
        self._idle.put(model)
        self.at_once = COPIES if model.is_small else 1
        for _ in range(self.at_once - 1):
            self._idle.put(LocalModel(path, opening))

    @property
    def name(self) -> str:
        """The model's file, as ``llama:FILE``."""
        return f"llama:{self._path.stem}"

    def ask(self, rng: np.random.Generator, context: Context) -> Proposal:
        """What the model wrote, as canonical text; what is known already has it write again."""
        start = time.perf_counter()
        exchanges: list[Exchange] = []
        troubles: list[str] = []
        tokens, text = 0, ""
        with self._model() as model:
            for _ in range(TRIES):
                functions = self._functions(rng, context)
                prompt = self._prompt(rng, model, context, functions)
                made = self._completed(rng, model, prompt, functions)
                tokens += made.tokens
                exchanges.append(Exchange(prompt, made.text))
                if not made.is_whole:
                    troubles.append("half answer")
                    continue
                text, hash = _read(made.text)
                if hash not in context.known:
                    break
        return Proposal(
            text,
            OPERATOR,
            tuple(parent.number for parent in context.parents),
            self.name,
            Cost(tokens, 0.0, time.perf_counter() - start),
            tuple(exchanges),
            tuple(troubles),
            "" if text else f"half answer: it was cut at {MOST_TOKENS} tokens",
        )

    @contextmanager
    def _model(self) -> Iterator[LocalModel]:
        """A copy that nobody else is asking."""
        model = self._idle.get()
        try:
            yield model
        finally:
            self._idle.put(model)

    def _completed(
        self, rng: np.random.Generator, model: LocalModel, prompt: str, functions: Sequence[str]
    ) -> Completion:
        rules = productions(functions, self._contextual, Bounds(tame=True))
        seed, temperature = int(rng.integers(2**31)), float(rng.uniform(*_TEMPERATURES))
        return model.complete(prompt, rules, seed, MOST_TOKENS, temperature)

    def _functions(self, rng: np.random.Generator, context: Context) -> list[str]:
        """Some that a parent calls, and some by the weights with which grammar draws them."""
        inherited = [name for parent in context.parents for name in functions_in(parent.text)]
        inherited = [name for name in dict.fromkeys(inherited) if rng.random() < _INHERITED]
        words = [word for word in vocabulary(self._contextual) if _is_tame(word.name)]
        weights = np.array([word.weight for word in words])
        new = rng.choice(len(words), size=_NEW, replace=False, p=weights / weights.sum())
        return list(dict.fromkeys([*(words[i].name for i in new), *inherited]))

    def _prompt(
        self,
        rng: np.random.Generator,
        model: LocalModel,
        context: Context,
        functions: Sequence[str],
    ) -> str:
        known = {parent.number for parent in context.parents}
        others = [c for c in context.examples if c.number not in known]
        more = min(len(others), max(0, SHOWN - len(context.parents)))
        drawn = (
            [others[i] for i in rng.choice(len(others), size=more, replace=False)] if more else []
        )
        listed = sorted([*context.parents, *drawn], key=_worst_first)
        best = min(candidate.ratio for candidate in listed)
        wanted = headline(_BETTER * best, functions)
        while not model.has_room(prompt := self._filled(listed, wanted), MOST_TOKENS):
            listed.pop(0)
        return prompt

    def _filled(self, listed: Sequence[Candidate], wanted: str) -> str:
        # Its own reasons it would only repeat, a little worse each time.
        examples = "\n".join(unreasoned(c) if c.operator == OPERATOR else shown(c) for c in listed)
        return self._prompts.fill("few_shot", examples=examples, wanted=wanted)


def _worst_first(candidate: Candidate) -> tuple[float, int]:
    return -candidate.ratio, candidate.number


def _is_tame(name: str) -> bool:
    """Whether it is a function, and defined everywhere."""
    return name not in TABLE or (name in OPERATORS and TABLE[name].hazard is None)


def _read(text: str) -> tuple[str, str]:
    """Canonical text and hash; of a text that, against the grammar's promise, means nothing, itself."""
    try:
        program = parse(text).program
    except SourceError:
        return text, ""
    return program.text, canonical_hash(program)
