"""What a search is asked to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from actdsl.cost import cost
from actdsl.errors import ActdslError
from actdsl.grammar import parse

_AFFORDABLE = 40
"""FLOPs per element: GELU has 23, and 200 candidates on two cores are to end within 10 minutes."""

BUDGETS = ("candidates", "minutes", "tokens", "usd")
"""The settings that say when to stop: a run may be gone on with under others."""

ENDPOINT = ("base_url", "api_key_file", "answer_within", "price")
"""The settings that say how a model is reached, which may have changed too."""

_FRESH = 500
"""From a lab seed to the seed of its re-test; the sealed suite's begin at 2001."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One search.

    Where no clock and no network has a say (one proposer, in this process, and no limit on
    minutes), the same settings give the same result on one kind of machine, at any number of
    workers; everywhere else the log of the run gives it again.

    Attributes:
        seeds: texts of the first parents.
        candidates: how many are evaluated, the seeds among them, references not.
        proposer: ``grammar``, ``random``, ``llama``, ``llama:PATH`` or ``openai:MODEL``; several,
            separated by commas, are chosen from by what they yield.
        base_url: of the endpoint of an ``openai:`` proposer, or None for OpenAI's own.
        api_key_file: where its key is, or None for the environment's.
        answer_within: seconds that one request to it may take.
        price: dollars for a million tokens read and written, or None where nobody pays.
        prompts: a folder with prompts that take the place of the project's own, or None.
        rng_seed: of everything drawn.
        suite: the lab's suite, by name.
        lab_seeds: seeds of the networks' initial weights and data.
        max_flops: the most FLOPs per element a candidate may cost, or None.
        allow_contextual: whether candidates may look at the whole tensor.
        racing: whether the hopeless are dropped before they are trained in full.
        minutes: the most wall time, over all processes that worked on the run, or None.
        tokens: the most that models may read and write, or None.
        usd: the most that may be paid for them, or None.
        in_flight: candidates admitted and not yet settled, while there are more to come.
        islands: populations that breed apart.
        niches: the fraction of first parents that are the best of some niche.
        tuning: whether the constants of the good are tuned.
        selection: whether the good become parents; if not, only the seeds are, and the run is
            the best of so many independent proposals: the control.
    """

    seeds: tuple[str, ...]
    candidates: int = 200
    proposer: str = "grammar"
    base_url: str | None = None
    api_key_file: str | None = None
    answer_within: float = 120.0
    price: tuple[float, float] | None = None
    prompts: str | None = None
    rng_seed: int = 0
    suite: str = "micro"
    lab_seeds: tuple[int, ...] = (0, 1, 2)
    max_flops: int | None = None
    allow_contextual: bool = False
    racing: bool = True
    minutes: float | None = None
    tokens: int | None = None
    usd: float | None = None
    in_flight: int = 12
    islands: int = 4
    niches: float = 0.25
    tuning: bool = True
    selection: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= self.candidates:
            raise ActdslError(
                f"a search of {self.candidates} candidates cannot have {len(self.seeds)} seeds: "
                "it needs one, and they count"
            )

    @property
    def fresh_seeds(self) -> tuple[int, ...]:
        """The lab seeds on which a candidate is re-tested before it may be best."""
        return tuple(seed + _FRESH for seed in self.lab_seeds)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Settings:
        """From what :meth:`as_json` gave.

        Raises:
            ActdslError: it has settings that are not known here: another version wrote them.
        """
        unknown = sorted(data.keys() - {field.name for field in fields(cls)})
        if unknown:
            raise ActdslError(f"settings of another version: {', '.join(unknown)}")
        tuples = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **tuples})


def affordable(seeds: Iterable[str]) -> int:
    """A bound on FLOPs for a search from those texts: 40, or twice the dearest seed's.

    Without one, a search drifts towards long formulas, and towards spending its time on them.
    """
    return max(_AFFORDABLE, *(2 * cost(parse(text).program).flops for text in seeds))
