"""One function in a hundred ways is paid for once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np

from actdsl.evolve import Search, Status
from actdsl.evolve.proposers import Proposal
from actdsl.evolve.proposers.proposer import Untold
from actdsl.evolve.record.store import Store

FUNCTION = "tanh(x) + 0.5 * sin(2 * x)"

SINES = ("sin(2 * {x})", "2 * sin({x}) * cos({x})", "-sin(-2 * {x})", "cos(2 * {x} - pi / 2)")
TANHS = (
    "tanh({x})",
    "2 * sigmoid(2 * {x}) - 1",
    "1 - 2 / (1 + exp(2 * {x}))",
    "-tanh(-{x})",
    "(1 - exp(-2 * {x})) / (1 + exp(-2 * {x}))",
)


def rewritten(rng: np.random.Generator, number: int) -> str:
    """The function up to output scale and shift, in one of many ways."""
    x = str(rng.choice(["x", "u", "z"]))
    sine, tanh = (str(rng.choice(ways)).format(x=x) for ways in (SINES, TANHS))
    half = str(rng.choice(["0.5 * ({})", "({}) / 2", "({}) - 0.5 * ({})"])).replace("{}", sine)
    first, second = rng.permutation([f"({tanh})", f"({half})"])
    scale = float(rng.choice([1.0, -1.0])) * float(f"{np.exp(rng.normal()):.3g}")
    shift = float(f"{rng.normal():.3g}")
    note = rng.choice(["", "# A note.\n"])
    body = rng.choice(
        [
            "return {s!r} * ({a} + {b}) + ({t!r})",
            "let sum = {a} + {b}\n    return ({t!r}) + sum * ({s!r})",
            "return ({s!r}) * {a} + ({s!r}) * {b} + ({t!r})",
        ]
    )
    statement = str(body).format(s=scale, t=shift, a=first, b=second)
    return f"{note}activation way_{number}({x}):\n    {statement}\n"


class Repeating(Untold):
    """Writes one function in a hundred ways, in affine and constant company, and nothing else."""

    name = "repeating"

    def __init__(self) -> None:
        self.rng, self.asked = np.random.default_rng(1), 0
        self.told: list[str] = []
        self.seen: list[str] = []
        self.known: set[str] = set()

    def ask(self, rng, context):
        self.asked += 1
        self.seen += [failure.reason for failure in context.failures]
        self.known |= context.known
        if self.asked == 1:
            return Proposal(f"activation way_0(x):\n    return {FUNCTION}\n", "way")
        if self.asked % 10 == 0:
            return Proposal(f"activation line(x): return {self.asked} * x + 3", "line")
        if self.asked % 10 == 5:
            return Proposal(f"activation flat(x): return {self.asked} + 0 * x", "flat")
        return Proposal(rewritten(self.rng, self.asked), "way")

    def tell(self, proposal, candidate):
        self.told.append(candidate.status.value)


def test_one_function_in_a_hundred_ways_is_evaluated_once(tmp_path, settings, fake, monkeypatch):
    monkeypatch.setattr("actdsl.evolve.search.loop.PATIENCE", 125)
    evaluator, proposer = fake(), Repeating()
    with closing(Store(tmp_path / "run.sqlite")) as store:
        search = Search(replace(settings, candidates=10), store, evaluator, proposer)
        candidates = [c for c in search if c.operator not in ("seed", "reference")]
    ways = [c for c in candidates if c.operator == "way"]
    assert len(ways) >= 100
    assert len({c.text for c in ways}) >= 100
    assert [c.status for c in ways].count(Status.EVALUATED) == 1
    assert len(evaluator.evaluated) == 3  # the references, one of them the seed, and the function
    refused = [c for c in candidates if c.status is Status.REFUSED]
    kinds = {c.operator: set() for c in refused}
    for candidate in refused:
        kinds[candidate.operator].add(candidate.reason.partition(":")[0])
    assert kinds == {"way": {"known"}, "line": {"affine"}, "flat": {"without slope"}}
    # And it is fed back: told, and shown among the failures.
    assert proposer.told.count("refused") == len(refused)
    assert any("perhaps scaled and shifted" in reason for reason in proposer.seen)
    assert any(reason.startswith("affine:") for reason in proposer.seen)
    assert {c.hash for c in ways if c.status is Status.EVALUATED} < proposer.known
