"""The sealed suite is none of the search's business, and nothing of the search can reach it."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from actdsl.evolve.lab import SUITES
from actdsl.evolve.lab.learning_rate import PROBES
from actdsl.evolve.lab.sealed import SEALED
from actdsl.evolve.lab.tasks import dataset
from actdsl.evolve.settings import Settings

ROOT = Path(__file__).parents[3]
HOME = ROOT / "evolve" / "lab" / "sealed.py"
FOLDERS = ("actdsl", "backends", "evolve", "grammar")
ALLOWED = {"actdsl/cli/lab.py", "evolve/proof.py"}
"""``actdsl lab``, and the proof at the end of a run."""


def test_no_task_and_no_seed_is_known_to_the_search():
    names = {task.name for task in SEALED.tasks}
    known = {task.name for suite in SUITES.values() for task in suite.tasks}
    assert not names & (known | {task.name for task in PROBES})
    formulas = {task.formula for task in SEALED.tasks}
    assert not formulas & {task.formula for task in SUITES["micro"].tasks}
    for suite in SUITES.values():
        settings = Settings(seeds=("",), lab_seeds=suite.seeds)
        assert not set(SEALED.seeds) & {*settings.lab_seeds, *settings.fresh_seeds}


def test_it_is_like_the_suite_that_it_checks():
    micro = SUITES["micro"]
    assert (SEALED.sizes, SEALED.recipe) == (micro.sizes, micro.recipe)
    families = [Counter(task.family for task in suite.tasks) for suite in (SEALED, micro)]
    assert families[0] == {family: 2 * count for family, count in families[1].items()}
    for task in SEALED.tasks:
        dataset(task, SEALED.seeds[0], SEALED.sizes)


def imports(path: Path) -> set[Path]:
    """The files of this project that a file imports, at whatever place in it."""
    package = ["actdsl", *path.relative_to(ROOT).with_suffix("").parts]
    package = package[1:] if package[1] == "actdsl" else package
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (start, node.module)))
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found |= {file for name in names if (file := file_of(name)) is not None}
    return found


def file_of(module: str) -> Path | None:
    folder, *rest = module.split(".")
    if folder != "actdsl":
        return None
    top = ROOT if rest and rest[0] in ("backends", "evolve", "grammar") else ROOT / "actdsl"
    path = top.joinpath(*rest)
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def test_only_the_verb_and_the_proof_import_it():
    assert SEALED.name not in SUITES
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    importers = {f.relative_to(ROOT).as_posix() for f in files if HOME in imports(f)}
    assert "actdsl/cli/lab.py" in importers
    assert importers <= ALLOWED


def test_nothing_that_searches_reaches_it():
    """What starts a run also proves its result at the end; the loop itself cannot see the proof."""
    reached = set()
    folders = ("search", "evaluation", "proposers")
    waiting = [file for name in folders for file in (ROOT / "evolve" / name).rglob("*.py")]
    while waiting:
        file = waiting.pop()
        if file not in reached and file != ROOT / "evolve" / "__init__.py":
            reached.add(file)
            waiting += imports(file)
    assert ROOT / "evolve" / "lab" / "suites.py" in reached
    assert HOME not in reached
