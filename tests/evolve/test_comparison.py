from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest
from rich.console import Console

from actdsl.errors import ActdslError
from actdsl.evolve.comparison import compare
from actdsl.evolve.lab import SUITES, Aggregate
from actdsl.evolve.view import comparison_picture, comparison_rows, comparison_table
from actdsl.grammar import parse

SMOKE = SUITES["smoke"]
TEXTS = {
    "wave": "activation wave(x): return sin(2 * x)",
    "bent": "activation bent(x): return max(x, 0)",
    "flat": "activation flat(x): return tanh(x)",
}
PROGRAMS = [parse(text).program for text in TEXTS.values()]


@pytest.fixture
def entries(fake):
    return compare(PROGRAMS, fake(), SMOKE, (0,))


def test_entries_are_in_the_order_asked_for_and_score_against_relu(entries):
    assert [entry.name for entry in entries] == list(TEXTS)
    wave, bent, _ = entries
    assert bent.score.ratio == bent.aggregated.value == 1.0
    assert bent.score.wins["relu"] == 0.5
    assert wave.score.families["harmonic"] < 0.1
    assert wave.score.wins.keys() == {"relu", "gelu"}
    assert (bent.flops, wave.flops) == (1, 13)


def test_a_function_is_trained_once_in_whatever_words(fake):
    evaluator, seen = fake(), []
    compare([*PROGRAMS, *PROGRAMS], evaluator, SMOKE, (0,), watch=lambda *args: seen.append(args))
    assert len(evaluator.evaluated) == 4  # bent is ReLU
    assert sorted(seen) == [("flat", 4), ("gelu", 4), ("relu", 4), ("wave", 4)]


def test_the_aggregate_is_the_one_asked_for(fake):
    by = {how: compare(PROGRAMS, fake(), SMOKE, (0,), how) for how in Aggregate}
    assert [e.aggregated.value for e in by[Aggregate.GEOMEAN]] == [
        e.score.ratio for e in by[Aggregate.RANK]
    ]
    ranks = [e.aggregated.value for e in by[Aggregate.RANK]]
    assert all(1 <= rank <= 4 for rank in ranks)  # with GELU there are four
    losses = {e.name: e.evaluation.ood.mean() for e in by[Aggregate.MEAN]}
    for entry in by[Aggregate.MEAN]:
        assert entry.aggregated.value == pytest.approx(losses[entry.name] / losses["bent"])


def test_what_fails_is_last_and_says_why(fake):
    entries = compare(PROGRAMS, fake(fails="sin("), SMOKE, (0,), Aggregate.RANK)
    wave = entries[0]
    assert wave.error == "ZeroDivisionError: as asked"
    assert wave.aggregated.value == 4
    assert wave.score.diverged == 1


def test_without_relu_nothing_compares(fake):
    with pytest.raises(ActdslError, match="the baseline, ReLU, cannot be evaluated"):
        compare(PROGRAMS, fake(fails="relu"), SMOKE, (0,))


def test_the_table_has_the_best_first(entries):
    output = io.StringIO()
    table = comparison_table(entries, Aggregate.GEOMEAN, {"wave": 1.25})
    Console(file=output, width=200).print(table)
    lines = [line.split() for line in output.getvalue().splitlines()]
    assert [line[0] for line in lines] == ["activation", "flat", "wave", "bent"]
    assert "1.25" in lines[2]
    assert lines[1][-1] == "-"


def test_rows_hold_the_number_and_what_it_is_made_of(entries):
    rows = comparison_rows(entries, {"bent": 0.5})
    assert [row["name"] for row in rows] == list(TEXTS)
    assert rows[1]["nanoseconds"] == 0.5
    assert rows[0]["nanoseconds"] is None
    assert rows[1]["value_interval"] == [1.0, 1.0]
    assert all(row["error"] == "" for row in rows)


def test_the_picture_shows_scores_fits_and_functions(entries):
    drawn = comparison_picture(entries, SMOKE, SMOKE.tasks[1], 0, Aggregate.GEOMEAN)
    image = matplotlib.image.imread(io.BytesIO(drawn), format="png")
    assert image.shape[0] > 600
    assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 100
