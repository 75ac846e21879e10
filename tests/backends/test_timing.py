"""The benchmark: who is run, how runs are counted, what is made of the times."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

import actdsl
from actdsl.backends import timing
from actdsl.backends.timing import Cell, Latency, Quartiles, Result
from actdsl.backends.timing.clock import race
from actdsl.backends.timing.latency import first_results
from actdsl.backends.timing.measure import BOTH, FORWARD, least_bytes
from actdsl.backends.timing.tables import count, duration, spread
from actdsl.backends.timing.ways import COMPILE, JAX, RECOMPUTE, Operands, Way, operands, ways
from actdsl.errors import ActdslError

SOME = ("relu", "gelu", "prelu", "snake_per_channel", "swiglu", "turbulent", "threshold")


class Clock:
    """Time that passes only when a call says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.called: list[str] = []

    def __call__(self) -> float:
        return self.now

    def call(self, name: str, seconds: Iterator[float]) -> Callable[[], None]:
        def run() -> None:
            self.called.append(name)
            self.now += next(seconds)

        return run


def always(seconds: float) -> Iterator[float]:
    while True:
        yield seconds


def quartiles(median: float) -> Quartiles:
    return Quartiles(median * 0.9, median, median * 1.1, 7)


def cell(task: str = FORWARD, size: int = 1024, **medians: float) -> Cell:
    results = [Result(way.rstrip("_"), "formula", quartiles(t)) for way, t in medians.items()]
    return Cell(task, size, 8 * size, quartiles(1e-6), tuple(results))


# Runs that take turns.


def test_quartiles() -> None:
    assert Quartiles.of([3.0, 1.0, 2.0, 5.0, 4.0]) == Quartiles(2.0, 3.0, 4.0, 5)
    assert Quartiles.of([2.0]) == Quartiles(2.0, 2.0, 2.0, 1)


def test_calls_take_turns_and_none_always_follows_the_same_other() -> None:
    clock = Clock()
    calls = [clock.call(name, always(1.0)) for name in "abcd"]
    race(calls, 0.0, at_least=40, clock=clock)
    runs = clock.called[4:]
    rounds = ["".join(runs[k : k + 4]) for k in range(0, len(runs), 4)]
    assert len(rounds) == 40
    assert all(sorted(order) == list("abcd") for order in rounds)
    followers = {order[k : k + 2] for order in rounds for k in range(3)}
    assert len(followers) == 12


def test_medians_do_not_see_a_hiccup() -> None:
    clock = Clock()
    steady = clock.call("steady", always(2.0))
    hiccup = clock.call("hiccup", iter([1.0, 1.0, 1.0, 90.0, 1.0, 1.0]))
    first, second = race([steady, hiccup], 0.0, at_least=5, clock=clock)
    assert (first, second) == (Quartiles(2.0, 2.0, 2.0, 5), Quartiles(1.0, 1.0, 1.0, 5))


def test_the_budget_ends_it_but_not_before_five_rounds() -> None:
    clock = Clock()
    (quick,) = race([clock.call("quick", always(0.25))], 2.0, clock=clock)
    assert quick.runs == 8
    (slow,) = race([clock.call("slow", always(9.0))], 2.0, clock=clock)
    assert slow.runs == 5


def test_what_is_quick_is_repeated_within_a_run() -> None:
    clock = Clock()
    (time,) = race([clock.call("a", always(2.0**-20))], 0.0, shortest=2.0**-10, clock=clock)
    assert clock.called == ["a"] * (1 + 5 * 1024)
    assert time == Quartiles(2.0**-20, 2.0**-20, 2.0**-20, 5)


def test_waiting_is_part_of_a_run() -> None:
    clock = Clock()
    queued = clock.call("queued", always(0.0))
    settle = clock.call("settle", always(0.5))
    (time,) = race([queued], 0.0, shortest=0.0, settle=settle, clock=clock)
    assert time.median == 0.5


# Ways.


def tensors(found: Any) -> list[torch.Tensor]:
    """Output, then gradients, of any way."""
    y, gradients = found
    values = (y, *gradients)
    return [v if isinstance(v, torch.Tensor) else torch.tensor(np.asarray(v)) for v in values]


@pytest.mark.parametrize("name", SOME)
def test_all_ways_compute_the_same(name: str) -> None:
    program = actdsl.zoo[name]
    given = operands(program, 640, "cpu")
    names = ["actdsl", "eager", "native"]
    if timing.absent(JAX, "cpu") is None:
        names.append(JAX)
    found = list(ways(program, given, names))
    native = timing.spellings(program)[-1].native
    assert {way.name for way in found} == {n for n in names if n != "native" or native}
    expected = tensors(found[0].both())
    assert len(expected) == 1 + len(program.inputs) + len(program.params)
    for way in found[1:]:
        for ours, theirs in zip(expected, tensors(way.both()), strict=True):
            torch.testing.assert_close(theirs, ours, rtol=1e-3, atol=2e-4, msg=way.name)


def test_operands_are_rows_of_64() -> None:
    program = actdsl.zoo["snake_per_channel"]
    assert operands(program, 640, "cpu").inputs[0].shape == (10, 64)
    odd = operands(program, 1000, "cpu")
    assert (odd.inputs[0].shape, odd.params[0].shape) == ((1, 1000), (1000,))


# Cells.


def test_the_faster_spelling_stands_for_a_way() -> None:
    slow, fast = (
        Result("eager", s, quartiles(t)) for s, t in (("formula", 4.0), ("functions", 3.0))
    )
    ours = Result("actdsl", "module", quartiles(1.5))
    found = Cell(FORWARD, 1024, 8192, quartiles(1.0), (ours, slow, fast))
    assert found.ways == ("actdsl", "eager")
    assert found.best("eager") is fast
    assert found.speedup("eager") == 2.0


def test_share_of_the_bandwidth_of_a_copy() -> None:
    found = Cell(BOTH, 1024, 20 * 1024, quartiles(1.0), (Result("actdsl", "", quartiles(5.0)),))
    assert found.share("actdsl") == pytest.approx(20 / 8 / 5)
    assert found.document()["share"] == {"actdsl": pytest.approx(0.5)}


@pytest.mark.parametrize(
    ("name", "forward", "both"),
    [("relu", 2, 5), ("swiglu", 3, 8), ("snake_per_channel", 2, 5), ("turbulent", 3, 8)],
)
def test_the_bytes_of_a_perfect_kernel(name: str, forward: int, both: int) -> None:
    program = actdsl.zoo[name]
    assert least_bytes(program, 100, FORWARD) == 400 * forward
    assert least_bytes(program, 100, BOTH) == 400 * both


def test_statistics_along_rows_need_no_second_pass() -> None:
    program = actdsl.parse("activation f(x): return x - mean(x, feature)")
    assert least_bytes(program, 1, FORWARD) == 8


def test_measuring_gives_a_cell_for_each_size_and_task() -> None:
    cells = list(timing.measure(actdsl.zoo["gelu"], [64, 128], ("actdsl", "eager"), seconds=0.0))
    assert [(c.size, c.task) for c in cells] == [
        (64, FORWARD), (64, BOTH), (128, FORWARD), (128, BOTH),
    ]  # fmt: skip
    assert all(c.ways == ("actdsl", "eager") and not c.failed for c in cells)
    assert all(r.time.runs == 5 and r.time.low <= r.time.high for c in cells for r in c.results)


def contenders(*given: Way) -> Callable[..., Iterator[Way]]:
    return lambda *_: iter(given)


def broken() -> object:
    raise RuntimeError("no compiler\nwas found")


def test_another_way_may_fail() -> None:
    ready = contenders(Way("actdsl", "", int, int), Way(COMPILE, "", int, broken))
    first, second = timing.measure(actdsl.zoo["relu"], [64], seconds=0.0, contenders=ready)
    for found in (first, second):
        assert found.ways == ("actdsl",)
        assert found.failed == ((COMPILE, "RuntimeError: no compiler"),)


def test_our_own_may_not() -> None:
    with pytest.raises(RuntimeError, match="no compiler"):
        next(timing.measure(actdsl.zoo["relu"], [64],
                            contenders=contenders(Way("actdsl", "", broken, int))))  # fmt: skip


def test_forward_runs_without_autograd() -> None:
    modes: dict[str, set[bool]] = {"forward": set(), "both": set()}
    way = Way(
        "actdsl", "",
        lambda: modes["forward"].add(torch.is_grad_enabled()),
        lambda: modes["both"].add(torch.is_grad_enabled()),
    )  # fmt: skip
    list(timing.measure(actdsl.zoo["relu"], [64], seconds=0.0, contenders=contenders(way)))
    assert modes == {"forward": {False}, "both": {True}}


# The machine.


def test_threads_are_given_back() -> None:
    def state() -> tuple[Any, ...]:
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
        return torch.get_num_threads(), os.environ.get("ACTDSL_NUM_THREADS"), cores

    before = state()
    with timing.threads(1):
        count, ours, cores = state()
    assert (count, ours) == (1, "1")
    assert cores is None or len(cores) == 1
    assert state() == before


def test_a_description_names_machine_and_versions() -> None:
    found = timing.description()
    assert found["processor"]
    assert found["versions"]["torch"] == torch.__version__


# Latency.


def test_cold_then_following_then_warm() -> None:
    calls: list[tuple[str, int, bool]] = []

    def child(way: str, texts: Sequence[str], caches: Path) -> list[float]:
        calls.append((way, len(texts), (caches / "filled").exists()))
        (caches / "filled").touch()
        return [3.0, 2.0] if len(texts) == 2 else [1.0]

    found = timing.compile_latency(actdsl.zoo["gelu"], runs=2, child=child)
    once = [(way, n, n == 1) for way in ("actdsl", "torch.compile") for n in (2, 1)]
    assert calls == once * 2
    same = Latency(*(Quartiles(t, t, t, 2) for t in (3.0, 2.0, 1.0)))
    assert found == {"actdsl": same, "torch.compile": same}


@pytest.mark.slow
def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ActdslError, match=r"the process that timed actdsl failed: .*gelu"):
        first_results("actdsl", ["activation f(x): return geru(x)"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("way", timing.COMPILERS)
def test_new_processes_are_timed(way: str) -> None:
    latency = timing.compile_latency(actdsl.zoo["prelu"], [way], runs=1)[way]
    assert min(latency.cold.low, latency.following.low, latency.warm.low) > 0.0


# Tables and pictures.


def shown(table: object) -> list[str]:
    console = Console(file=StringIO(), width=140)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return [line.strip() for line in console.file.getvalue().splitlines() if line.strip()]


def test_numbers_are_short() -> None:
    assert [duration(t) for t in (12.3456, 1.0, 0.0123456, 4.4e-6, 3.2e-9, 0.9996e-3)] == [
        "12.3s", "1.00s", "12.3ms", "4.40µs", "0.0032µs", "1000µs",
    ]  # fmt: skip
    assert [count(n) for n in (1000, 1024, 2**24, 512)] == ["1000", "2^10", "2^24", "512"]
    assert spread(Quartiles(0.9e-3, 1e-3, 1.3e-3, 5)) == "1.00ms ±20%"


def test_the_table_of_times() -> None:
    results = {
        "gelu": [
            cell(size=1024, actdsl=1e-3, eager=4e-3, jax=2e-3),
            cell(size=2048, actdsl=1e-3, eager=9e-3),
            cell(task=BOTH, actdsl=1.0, eager=1.0),
        ],
        "silu": [cell(size=1024, actdsl=1e-3, eager=6e-3)],
    }
    assert [line.split() for line in shown(timing.time_table(results, FORWARD))] == [
        ["forward"],
        ["activation", "elements", "actdsl", "eager", "jax", "of", "copy", "against", "eager"],
        ["gelu", "2^10", "1.00ms", "±10%", "4.00ms", "±10%", "2.00ms", "±10%", "0%", "4.00x"],
        ["2^11", "1.00ms", "±10%", "9.00ms", "±10%", "0%", "9.00x"],
        ["silu", "2^10", "1.00ms", "±10%", "6.00ms", "±10%", "0%", "6.00x"],
        ["geometric", "mean", "6.00x"],
    ]


def test_a_table_without_ours() -> None:
    lines = shown(timing.time_table({"gelu": [cell(eager=1e-3)]}, FORWARD))
    assert [line.split() for line in lines[1:]] == [
        ["activation", "elements", "eager"], ["gelu", "2^10", "1.00ms", "±10%"],
    ]  # fmt: skip


def test_the_table_of_latencies() -> None:
    latency = Latency(quartiles(3.0), quartiles(0.02), quartiles(0.5))
    table = timing.latency_table({"gelu": {"actdsl": latency, "torch.compile": latency}})
    assert [line.split() for line in shown(table)[1:]] == [
        ["activation", "compiler", "cold", "one", "more", "warm"],
        ["gelu", "actdsl", "3.00s", "±10%", "20.0ms", "±10%", "500ms", "±10%"],
        ["torch.compile", "3.00s", "±10%", "20.0ms", "±10%", "500ms", "±10%"],
    ]


def test_a_picture_of_cells() -> None:
    cells = [
        cell(task, n, actdsl=n * 1e-9, eager=n * 2e-9) for task in timing.TASKS for n in (8, 64)
    ]
    assert timing.picture({"gelu": cells, "silu": cells[:1]}).startswith(b"\x89PNG")


# torch.compile, which takes seconds.


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_torch_compile_is_measured_in_every_spelling() -> None:
    program = actdsl.zoo["gelu"]
    given: Operands = operands(program, 256, "cpu")
    found = list(ways(program, given, (COMPILE, RECOMPUTE)))
    assert [(way.name, way.spelling) for way in found] == [
        (name, spelling) for name in (COMPILE, RECOMPUTE) for spelling in ("formula", "functions")
    ]
    (expected,) = ways(program, given, ("native",))
    for way in found:
        with way.first():
            results = tensors(way.both())
        for ours, theirs in zip(tensors(expected.both()), results, strict=True):
            torch.testing.assert_close(theirs, ours, rtol=1e-4, atol=1e-5)
