"""The documentation: what it shows is run, what it generates is current, what it links to exists."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from actdsl.grammar import SourceError, domain_warnings, parse
from actdsl.grammar.catalog import catalog

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
EXAMPLES = sorted((ROOT / "examples").glob("*.act"))
ADRS = sorted((DOCS / "adr").glob("*.md"))

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]*)(#[^)\s]*)?\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    tag: str
    text: str


def blocks(page: Path, *tags: str) -> list[Block]:
    """A page's blocks with one of the tags, in order."""
    found = (Block(page, *match) for match in _BLOCK.findall(page.read_text(encoding="utf-8")))
    return [block for block in found if block.tag in tags]


def commands(text: str) -> Iterator[tuple[str, str]]:
    """What follows ``$ `` in a console block, and the output shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run(command: list[str], folder: Path) -> str:
    """What a command that must succeed prints on both streams."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}"
    return done.stdout


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "language.md"], ids=lambda p: p.name)
def test_blocks_do_what_they_show(page: Path, tmp_path: Path) -> None:
    """Activations are saved under their names; then commands and programs run, top to bottom."""
    ran = 0
    for block in blocks(page, "act", "console", "python"):
        if block.tag == "act":
            program = parse(block.text).program
            (tmp_path / f"{program.name}.act").write_text(block.text, encoding="utf-8")
        elif block.tag == "python":
            (tmp_path / "block.py").write_text(block.text, encoding="utf-8")
            run([sys.executable, "block.py"], tmp_path)
        else:
            for command, shown in commands(block.text):
                assert run(shlex.split(command), tmp_path) == shown
        ran += 1
    assert ran >= 3


def test_every_block_says_what_it_is() -> None:
    """``text`` is the mark of a block that nobody runs; a block without a tag is an oversight."""
    known = {"act", "console", "python", "text"}
    for page in PAGES:
        found = _BLOCK.findall(page.read_text(encoding="utf-8"))
        assert {tag for tag, _ in found} <= known, page


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name != "diagnostics.md"], ids=lambda p: p.name
)
def test_activations_in_the_pages_have_neither_errors_nor_warnings(page: Path) -> None:
    for block in blocks(page, "act"):
        parsed = parse(block.text)
        assert not [*parsed.warnings, *domain_warnings(parsed)]


@pytest.mark.parametrize("code", [c for c, entry in catalog().items() if entry.examples])
def test_explanations_show_what_they_explain(code: str) -> None:
    """The first example has the mistake; a second one is right, though it may overflow float16."""
    wrong, *right = catalog()[code].examples
    assert code in _codes(wrong)
    left = {found for text in right for found in _codes(text)}
    assert code not in left
    assert left <= {"W0101"}


def _codes(text: str) -> list[str]:
    try:
        parsed = parse(text)
    except SourceError as error:
        return [d.code for d in error.diagnostics]
    return [d.code for d in (*parsed.warnings, *domain_warnings(parsed))]


def test_generated_pages_are_current() -> None:
    run([sys.executable, str(DOCS / "generate.py"), "--check"], ROOT)


def test_architecture_names_every_file() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| \[`(.*?)`\]", page, re.MULTILINE))
    folders = ("actdsl", "grammar", "backends", "evolve")
    files = {p.relative_to(ROOT).as_posix() for f in folders for p in (ROOT / f).rglob("*.py")}
    assert named == {file for file in files if not file.endswith("__init__.py")}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target, anchor in _LINK.findall(text):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        found = page.parent / target if target else page
        assert found.exists(), target
        if anchor:
            assert anchor.removeprefix("#") in _anchors(found), f"{target}{anchor}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_examples_are_correct_and_in_canonical_form() -> None:
    assert EXAMPLES
    files = [str(path) for path in EXAMPLES]
    run(["actdsl", "check", *files], ROOT)
    run(["actdsl", "fmt", "--check", *files], ROOT)


def test_examples_are_named_after_their_activation() -> None:
    for path in EXAMPLES:
        assert parse(path.read_text(encoding="utf-8")).program.name == path.stem


@pytest.mark.parametrize("page", ADRS, ids=lambda p: p.stem)
def test_decisions_are_short_and_of_one_form(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 25
    assert text.startswith(f"# {int(page.stem[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [
        "Context", "Decision", "Consequences",
    ]  # fmt: skip


def test_the_accuracy_page_shows_the_results_on_disk() -> None:
    path = ROOT / "benchmarks" / "ulp_table.py"
    spec = importlib.util.spec_from_file_location("ulp_table", path)
    assert spec is not None
    assert spec.loader is not None
    ulp_table = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = ulp_table  # dataclasses look their module up
    spec.loader.exec_module(ulp_table)
    found = json.loads(ulp_table.RESULTS.read_text())["functions"]
    assert set(found) == set(ulp_table.NAMES)
    assert all(row["arguments"] == 2**32 and row["wrong"] == 0 for row in found.values())
    page = (ROOT / "docs" / "accuracy.md").read_text()
    for names, most in ((ulp_table.SETS["short"], 0.52), (ulp_table.SETS["single"], 2.0)):
        assert all(found[name]["exact_ulp"] < most for name in names)
        assert "\n".join(ulp_table.table(found, names)) in page
