"""What a proposer is shown: parents with their scores, others worth seeing, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actdsl.evolve.candidate import Candidate
from actdsl.grammar import SourceError, parse


@dataclass(frozen=True, slots=True)
class Failure:
    """A proposal that came to nothing, and why: what the next one should not repeat."""

    text: str
    reason: str

    @classmethod
    def of(cls, candidate: Candidate) -> Failure:
        """Of a refused or failed candidate; if it is no program, with the diagnostics in full."""
        try:
            parse(candidate.text)
        except SourceError as error:
            return cls(candidate.text, str(error))
        return cls(candidate.text, candidate.reason)


@dataclass(frozen=True, slots=True)
class Context:
    """What a proposer may make use of, or ignore.

    Attributes:
        parents: evaluated candidates to vary, the one chosen first leading; at least one.
        examples: others that do well, best first.
        failures: the latest refusals, the newest last.
        niche: what is asked for, in words, or nothing in particular.
        known: canonical hashes of what was admitted before; one of these again would be refused.
    """

    parents: Sequence[Candidate]
    examples: Sequence[Candidate] = ()
    failures: Sequence[Failure] = ()
    niche: str = ""
    known: frozenset[str] = frozenset()
