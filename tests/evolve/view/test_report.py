from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from actdsl.evolve import RunDirectory, run
from actdsl.evolve.proposers import Cost, Exchange, Proposal, make_proposer
from actdsl.evolve.proposers.proposer import Untold
from actdsl.evolve.view.report import page
from actdsl.evolve.view.report.html import Html, joined, table, tag
from actdsl.evolve.view.report.yields import yields

ATTACK = "<script>alert('x')</script><img src=x onerror=alert(1)>"
HOSTILE = f"""# {ATTACK}
activation hostile(x):
    # "{ATTACK}"
    return tanh(x) + 0.125 * sin(3 * x)
"""


class Parsed(HTMLParser):
    """Tags that were opened and not closed, those seen, all attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.seen, self.attributes, self.words = [], set(), [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, name, attributes):
        self.seen.add(name)
        self.attributes += attributes
        if name not in ("meta", "img"):
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, text):
        self.words += text


class Hostile(Untold):
    """Proposes what would do harm in a page, and then what the grammar does."""

    name = "hostile"

    def __init__(self, settings):
        self.others = make_proposer(settings)
        self.asked = 0

    def ask(self, rng, context):
        self.asked += 1
        if self.asked == 1:
            turn = Exchange(ATTACK, ATTACK)
            return Proposal(HOSTILE, ATTACK, (0,), ATTACK, Cost(10, 0.5, 1.0), (turn,), (ATTACK,))
        if self.asked == 2:
            return Proposal("", ATTACK, failure=f"refused: {ATTACK}")
        return self.others.ask(rng, context)

    def tell(self, proposal, candidate):
        pass


@pytest.fixture
def directory(tmp_path, settings, fake):
    found = RunDirectory.begin(tmp_path / "run", settings, f"actdsl evolve '{ATTACK}'")
    with closing(found.store):
        run(found, fake(), Hostile(settings))
    with closing(RunDirectory.look_at(tmp_path / "run").store):
        yield RunDirectory.look_at(tmp_path / "run")


def test_the_page_is_whole_and_has_every_chapter(directory):
    text = page(directory)
    parsed = Parsed(text)
    assert not parsed.open
    for title in ("Proof", "Leaderboard", "Functions", "Convergence", "Lineage", "Niches",
                  "Proposers", "Refused before evaluation", "Cost", "To repeat it"):  # fmt: skip
        assert title in parsed.words
    best = directory.archive().best
    assert f"{best.number}: {best.name}" in parsed.words
    assert "sealed/" in parsed.words
    assert "@@" in parsed.words
    assert "all 40 candidates are evaluated" in parsed.words


def test_it_needs_no_other_file_and_runs_nothing(directory):
    parsed = Parsed(page(directory))
    assert not parsed.seen & {"script", "link", "iframe", "object", "a", "base", "form"}
    sources = [value for name, value in parsed.attributes if name in ("src", "href")]
    assert sources
    assert all(value.startswith("data:image/svg+xml;base64,") for value in sources)
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in (
        parsed.attributes
    )


def test_what_models_write_is_text_and_nothing_else(directory):
    text = page(directory)
    assert "<script" not in text
    assert "<img src=x" not in text
    assert ATTACK in Parsed(text).words


def test_a_run_that_found_nothing_yet_has_a_page(tmp_path, settings):
    with closing(RunDirectory.begin(tmp_path / "begun", settings, "").store):
        looked_at = RunDirectory.look_at(tmp_path / "begun")
        with closing(looked_at.store):
            parsed = Parsed(page(looked_at))
    assert not parsed.open
    assert "nothing is confirmed yet" in parsed.words


def test_elements_escape_everything_that_is_no_element():
    assert tag("b", "<&>", title='"') == '<b title="&quot;">&lt;&amp;&gt;</b>'
    assert joined([Html("<i></i>"), "<i>"]) == "<i></i>&lt;i&gt;"
    assert '<td class="number">1</td><td class="text">a</td>' in table(["", ""], [[1, "a"]])


def test_yields_count_what_became_of_each_proposal(settled):
    candidates = [
        settled(0, 1.0, operator="seed"),
        settled(1, 0.9, operator="swap"),
        settled(2, 0.95, operator="swap"),
        settled(3, 0.8, operator="llm"),
    ]
    proposals = {3: Proposal("", "llm", proposer="model", cost=Cost(7, 0.5, 2.0), troubles=("t",))}
    found = yields(candidates, proposals, lambda c, _: c.operator)
    assert [(k, y.proposed, y.evaluated, y.records, y.best) for k, y in found.items()] == [
        ("llm", 1, 1, 1, 0.8), ("swap", 2, 2, 1, 0.9), ("seed", 1, 1, 1, 1.0)
    ]  # fmt: skip
    assert (found["llm"].cost, found["llm"].troubles) == (Cost(7, 0.5, 2.0), {"t": 1})
    again = yields([replace(c, operator="seed") for c in candidates], {}, lambda c, _: c.operator)
    assert again["seed"].records == 3
