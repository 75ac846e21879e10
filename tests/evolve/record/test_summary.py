from __future__ import annotations

import io
from contextlib import closing

from rich.console import Console

from actdsl.evolve import RunDirectory, run
from actdsl.evolve.proposers import make_proposer
from actdsl.evolve.record.summary import summaries
from actdsl.evolve.view import runs_table


def test_runs_are_found_with_what_became_of_them(tmp_path, settings, fake):
    for path in (tmp_path / "b", tmp_path / "deep" / "er" / "a"):
        directory = RunDirectory.begin(path, settings, "")
        with closing(directory.store):
            if path.name == "b":
                archive = run(directory, fake(), make_proposer(settings))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "run.sqlite").write_text("none of ours")
    done, begun = summaries(tmp_path)
    assert done.path == tmp_path / "b"
    assert (done.evaluated, done.wanted) == (40, 40)
    assert (done.ratio, done.name) == (archive.best.ratio, archive.best.name)
    assert done.ended == "all 40 candidates are evaluated"
    assert (begun.path.name, begun.evaluated, begun.ended, begun.ratio) == ("a", 0, "", None)

    output = io.StringIO()
    Console(file=output, width=200).print(runs_table([done, begun]))
    head, first, second = output.getvalue().splitlines()
    assert head.split() == ["run", "proposer", "evaluated", "minutes", "best", "name", "ended"]
    assert "40 of 40" in first
    assert second.rstrip().endswith("not yet")
