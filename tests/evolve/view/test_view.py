from __future__ import annotations

import io
import json
from contextlib import closing

import matplotlib.image
import numpy as np
import pytest
from rich.console import Console

from actdsl.evolve import Archive, Candidate, RunDirectory, Status, run
from actdsl.evolve.lab import SUITES
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.view import (
    Progress,
    certificate,
    curve,
    formula,
    leaderboard,
    proof_table,
    run_document,
)
from actdsl.evolve.view.proof import ranking
from actdsl.grammar import parse

WAVY = """# Why it is so.
activation wavy(x):
    # starts at one
    param a = 1 in [0, 2]
    let t1 = tanh(x) # kept
    return t1 + a * sin(t1)
"""


@pytest.fixture
def archive(settled):
    found = Archive()
    for candidate in (
        settled(0, 1.0, operator="reference"),
        settled(1, 0.9, operator="reference", text="activation gelu(x):\n    return gelu(x)\n"),
        settled(2, 1.0, operator="seed", retested=True),
        settled(3, 1e6, parents=(2,), status=Status.FAILED, reason="MemoryError: too much"),
        settled(4, 0.61, WAVY, parents=(2,), retested=True),
        Candidate(5, 1, "", "swap", (2,), status=Status.REFUSED, reason="affine: on [-4, 4]"),
    ):
        found.add(candidate)
    return found


def printed(renderable, width=140):
    output = io.StringIO()
    Console(file=output, width=width).print(renderable)
    return output.getvalue()


def test_a_formula_is_one_line_without_comments():
    assert formula(WAVY) == "param a = 1 in [0, 2]; t1 = tanh(x); t1 + a * sin(t1)"
    text = "def double(u) = 2 * u\n\nactivation f(x):\n    return double(x)\n"
    assert formula(text) == "def double(u) = 2 * u; double(x)"


def test_the_leaderboard_ranks_candidates_and_places_references_among_them(archive):
    lines = [line.split() for line in printed(leaderboard(archive)).splitlines()]
    assert [line[0] for line in lines] == ["rank", "1", "act1", "act0", "2", "3"]
    assert lines[1][1:7] == ["0.610", "0.305", "to", "1.220", "0.152", "7"]
    assert lines[-1][1] == "1e+06"


def test_a_formula_is_shown_as_it_is_written(archive):
    assert "param a = 1 in [0, 2]; t1 = tanh(x)" in printed(leaderboard(archive), 200)


def test_what_looks_at_the_whole_tensor_is_marked(settled):
    text = "activation f(x):\n    return tanh(x - mean(x))\n"
    archive = Archive()
    for candidate in (settled(0, 0.5, text), settled(1, 0.6)):
        archive.add(candidate)
    first, second = printed(leaderboard(archive)).splitlines()[1:]
    assert first.rstrip().endswith("tanh(x - mean(x))  (looks at the whole tensor)")
    assert "whole tensor" not in second


def test_the_curve_is_a_picture_with_a_point_for_every_candidate(archive):
    picture = matplotlib.image.imread(io.BytesIO(curve(archive)), format="png")
    assert picture.shape[0] > 300
    assert picture.shape[1] > 500
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 10


def test_documents_say_everything_a_reader_needs(tmp_path, settings, fake):
    directory = RunDirectory.begin(tmp_path, settings, "actdsl evolve --seed relu")
    with closing(directory.store):
        archive = run(directory, fake(), make_proposer(settings))
        document = json.loads(json.dumps(run_document(directory, archive)))
        best = json.loads((tmp_path / "best.json").read_text())
        assert best == json.loads(json.dumps(certificate(directory, archive, archive.best)))
    assert document["evaluated"] == settings.candidates
    assert document["failed"] == 0
    assert document["settings"]["rng_seed"] == 0
    assert [r["name"] for r in document["references"]] == ["relu", "gelu"]
    ratios = [row["ratio"] for row in document["leaderboard"]]
    assert ratios == sorted(ratios)
    assert document["best"] == document["leaderboard"][0]

    assert best["suite"] == str(SUITES["smoke"])
    assert (best["seeds"], best["fresh_seeds"]) == ([0], [500])
    assert best["retested"]
    assert best["command"] == "actdsl evolve --seed relu"
    assert best["references"].keys() == {"relu", "gelu"}
    assert best["families"].keys() == {"polynomial", "harmonic", "feynman"}
    assert best["interval"][0] <= best["ratio"] <= best["interval"][1]
    assert best["lineage"][0]["hash"] == best["hash"]
    assert best["kind"] == "pointwise"
    proof = best["proof"]
    assert proof["suite"].startswith("sealed/")
    assert proof["seeds"] == [2001, 2002, 2003]
    champion = proof["champions"][0]
    assert (champion["number"], champion["hash"]) == (best["number"], best["hash"])
    assert {row["name"] for row in proof["rivals"]} == champion["against"].keys()
    assert {"relu", "gelu", "swish", "snake", "gelu_sine"} <= champion["against"].keys()
    assert champion["against"]["relu"]["ratio"] == champion["ratio"]
    assert [row["name"] for row in proof["rivals"] if row["contextual"]] == ["turbulent"]
    assert printed(proof_table(proof)).splitlines()[0].startswith(proof["suite"])
    assert best["cost"]["evaluations"] > settings.candidates
    assert best["lineage"][-1]["operator"] == "seed"
    assert best["versions"]["actdsl"]
    assert (tmp_path / "best.act").read_text() == best["text"]
    assert parse(best["text"]).program.text == best["text"]


def test_progress_tells_of_every_new_best_in_a_line(archive, settled):
    output = io.StringIO()
    with Progress(3, Console(file=output, width=60)) as progress:
        shown = Archive()
        for candidate in (
            *archive.references,
            *archive.in_order,
            settled(9, 0.5, WAVY, retested=True),
        ):
            shown.add(candidate)
            progress(candidate, shown)
    assert output.getvalue().splitlines() == [
        "act0 1.000, for reference",
        "act1 0.900, for reference",
        "   1  1.000  relu(x)",
        "   3  0.610  param a = 1 in [0, 2]; t1 = tanh(x); t1 + a * sin(t1)",
        "   4  0.500  param a = 1 in [0, 2]; t1 = tanh(x); t1 + a * sin(t1)",
    ]


def test_progress_on_a_terminal_shows_count_best_and_refusals(archive):
    output = io.StringIO()
    console = Console(file=output, width=100, force_terminal=True)
    with Progress(3, console) as progress:
        for candidate in archive.in_order:
            progress(candidate, archive)
    assert "3/3" in output.getvalue()
    assert "best 0.610 act4" in output.getvalue()
    assert "refused 1" in output.getvalue()


def test_quiet_progress_says_nothing(archive, capsys):
    with Progress(3, quiet=True) as progress:
        for candidate in archive.in_order:
            progress(candidate, archive)
    assert capsys.readouterr() == ("", "")


def test_a_rival_that_is_a_champion_too_is_listed_once():
    worse, champion, same = (
        {"name": name, "hash": hash, "ratio": ratio}
        for name, hash, ratio in (("a", "1", 2.0), ("b", "2", 1.0), ("c", "2", 1.0))
    )
    found = ranking({"champions": [champion], "rivals": [worse, same]})
    assert [row["name"] for row in found] == ["b", "a"]
