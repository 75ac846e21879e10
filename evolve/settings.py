"""What a search is asked to do, and with what versions: all that its result depends on."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from actdsl.cost import cost
from actdsl.errors import ActdslError
from actdsl.evolve.lab import SUITES
from actdsl.grammar import parse
from actdsl.version import VERSION

_AFFORDABLE = 40
"""FLOPs per element: GELU has 23, and 200 candidates on two cores are to end within 10 minutes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One search. The same settings give the same result, at any number of workers.

    Attributes:
        seeds: texts of the first parents.
        candidates: how many are evaluated, the seeds among them, references not.
        proposer: ``grammar`` or ``random``.
        rng_seed: of everything drawn.
        suite: the lab's suite, by name.
        lab_seeds: seeds of the networks' initial weights and data.
        max_flops: the most FLOPs per element a candidate may cost, or None.
        allow_contextual: whether candidates may look at the whole tensor.
    """

    seeds: tuple[str, ...]
    candidates: int = 200
    proposer: str = "grammar"
    rng_seed: int = 0
    suite: str = "micro"
    lab_seeds: tuple[int, ...] = (0, 1, 2)
    max_flops: int | None = None
    allow_contextual: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= self.candidates:
            raise ActdslError(
                f"a search of {self.candidates} candidates cannot have {len(self.seeds)} seeds: "
                "it needs one, and they count"
            )

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Settings:
        """From what :meth:`as_json` gave."""
        tuples = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **tuples})


def affordable(seeds: Iterable[str]) -> int:
    """A bound on FLOPs for a search from those texts: 40, or twice the dearest seed's.

    Without one, a search drifts towards long formulas, and towards spending its time on them.
    """
    return max(_AFFORDABLE, *(2 * cost(parse(text).program).flops for text in seeds))


def versions(suite: str) -> dict[str, str]:
    """Of this project, of the lab's suite and of what their numbers rest on."""
    packages = {name: version(name) for name in ("numba", "numpy", "scipy")}
    python = platform.python_version()
    return {"actdsl": VERSION, "suite": str(SUITES[suite]), "python": python, **packages}
