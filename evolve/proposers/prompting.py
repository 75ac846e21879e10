"""Prompts: files with places to fill, and what they are filled with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template

from actdsl.errors import ActdslError
from actdsl.evolve.candidate import Candidate
from actdsl.evolve.proposers.context import Context, Failure
from actdsl.evolve.proposers.expressions.source import read
from actdsl.grammar import PRELUDE, parse
from actdsl.grammar.names import OPERATORS
from actdsl.ir import Function, topological

PROMPTS = Path(__file__).with_name("prompts")

_NOTE = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_BY_GRAMMAR = re.compile(r"A (?:mutant|child) of \S+: ")
_LONGEST_REASON = 240
_LONGEST_FAILURE = 1200


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of a folder, and for those that it lacks the project's own.

    Each file is opened once, so that a search is asked the same from its first prompt to its last.

    Args:
        folder: where somebody keeps prompts of their own, or None.

    Raises:
        ActdslError: the folder has none of the names that prompts have.
    """

    folder: Path | None = None
    _texts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = sorted(path.name for path in PROMPTS.iterdir())
        if self.folder is not None and not any((self.folder / name).exists() for name in names):
            raise ActdslError(f"{self.folder} holds no prompt: they are called {', '.join(names)}")

    def fill(self, name: str, **places: str) -> str:
        """A prompt with its places filled.

        Raises:
            ActdslError: it cannot be read, or has a place that nothing is known to fill.
        """
        try:
            return Template(self._text(name)).substitute(places)
        except (KeyError, ValueError) as error:
            known = ", ".join(f"${place}" for place in places) or "none"
            raise ActdslError(
                f"the prompt {self._path(name)} has a place nothing is known of ({error}); "
                f"it can have: {known}"
            ) from error

    def opening(self, name: str) -> str:
        """What a prompt begins with, whatever its places are filled with."""
        return self._text(name).partition("$")[0]

    def task(self, contextual: bool, max_flops: int | None, bare: bool) -> str:
        """What a chat model is told once: the task, the language, the bounds."""
        names = ("language", "contextual") if contextual else ("language",)
        language = "\n".join(self.fill(name) for name in names)
        flops = "any number of" if max_flops is None else str(max_flops)
        answer = self._answer(bare)
        return self.fill("task", language=language.strip(), flops=flops, answer=answer)

    def repair(self, diagnostics: str, bare: bool) -> str:
        """What a chat model is told of an answer that cannot be read."""
        return self.fill("repair", diagnostics=diagnostics, answer=self._answer(bare))

    def ask(self, context: Context) -> str:
        """What a chat model is asked, time after time."""
        known = {parent.number for parent in context.parents}
        others = [c for c in context.examples if c.number not in known]
        failures = niche = ""
        if context.failures:
            listed = "\n\n".join(map(_failed, context.failures))
            failures = self.fill("failures", failures=listed)
        if context.niche:
            niche = self.fill("niche", niche=context.niche)
        return self.fill(
            "ask",
            parents=_fenced(context.parents),
            examples=_fenced(others) if others else "None yet.",
            failures=failures,
            niche=niche,
        )

    def _answer(self, bare: bool) -> str:
        return self.fill("answer_bare" if bare else "answer_fenced").strip()

    def _text(self, name: str) -> str:
        if name not in self._texts:
            path = self._path(name)
            try:
                self._texts[name] = _NOTE.sub("", path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise ActdslError(f"cannot read the prompt {path}: {error}") from error
        return self._texts[name]

    def _path(self, name: str) -> Path:
        own = None if self.folder is None else self.folder / f"{name}.md"
        return own if own is not None and own.exists() else PROMPTS / f"{name}.md"


def shown(candidate: Candidate) -> str:
    """A candidate for a model to read: its score, what it calls, why it was written, its text."""
    return f"{headline(candidate.ratio, functions_in(candidate.text))}\n{reasoned(candidate.text)}"


def unreasoned(candidate: Candidate) -> str:
    """The same without the reason."""
    return "".join(line for line in shown(candidate).splitlines(True) if not line.startswith("#"))


def headline(ratio: float, functions: Iterable[str]) -> str:
    """The line above a function, be it one that is there or one that is wanted."""
    return f"Score {ratio:.2f}, using {', '.join(functions) or 'arithmetic'}"


@cache
def functions_in(text: str) -> tuple[str, ...]:
    """The functions that an activation calls, in the order of the graph."""
    nodes = topological([read(text)])
    names = (str(n.attr.name) if isinstance(n.attr, Function) else n.op for n in nodes)
    return tuple(name for name in dict.fromkeys(names) if name in OPERATORS or name in PRELUDE)


@cache
def reasoned(text: str) -> str:
    """The text of an activation with one line of reason above it, cropped if it is long."""
    program = parse(text).program
    reason = " ".join(_BY_GRAMMAR.sub("", program.rationale).split())
    if len(reason) > _LONGEST_REASON:
        reason = f"{reason[:_LONGEST_REASON]}…"
    lines = program.text.splitlines(keepends=True)
    code = "".join(line for line in lines if not line.startswith("#"))
    return f"# {reason[0].upper()}{reason[1:]}\n{code}" if reason else code


def _fenced(candidates: Iterable[Candidate]) -> str:
    return "\n\n".join(f"```\n{shown(candidate).strip()}\n```" for candidate in candidates)


def _failed(failure: Failure) -> str:
    text = failure.text.strip().replace("```", "'''")
    reason = failure.reason.replace("```", "'''")
    return f"```\n{text[:_LONGEST_FAILURE]}\n```\n{reason[:_LONGEST_FAILURE]}"
