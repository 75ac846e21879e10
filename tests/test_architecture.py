"""The house: which folder may import which, and how large a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {
    "actdsl": "actdsl",
    "grammar": "actdsl.grammar",
    "backends": "actdsl.backends",
    "evolve": "actdsl.evolve",
}
# What a folder may import of the others. The roof of the core may reach everything, when called.
ALLOWED = {
    "actdsl": set(),
    "grammar": {"actdsl"},
    "backends": {"actdsl"},
    "evolve": {"actdsl", "grammar", "backends"},
}
STAGES = ("lab", "proposers", "evaluation", "record", "search")
"""The folders of evolve in the order in which a candidate passes them: each may import those before it."""
ROOF = ("__init__.py", "api.py", "tracing.py", "zoo_sources.py", "cli/")
HEAVY = {"torch", "numba", "jax", "sympy", "matplotlib", "rich"}


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _folder_of(module: str) -> str | None:
    if not module.startswith("actdsl"):
        return None
    for folder in ("grammar", "backends", "evolve"):
        if module == f"actdsl.{folder}" or module.startswith(f"actdsl.{folder}."):
            return folder
    return "actdsl"


@pytest.mark.parametrize("folder", FOLDERS)
def test_arrows_point_one_way(folder: str) -> None:
    wrong = []
    for path in _modules(folder):
        relative = path.relative_to(ROOT / folder).as_posix()
        if folder == "actdsl" and relative.startswith(ROOF):
            continue
        for module in _imports(path):
            target = _folder_of(module)
            if target not in (None, folder) and target not in ALLOWED[folder]:
                wrong.append(f"{folder}/{relative} imports {module}")
    assert not wrong


@pytest.mark.parametrize(("stage", "later"), [*combinations(STAGES, 2)])
def test_stages_of_the_search_point_one_way(stage: str, later: str) -> None:
    for path in _modules(f"evolve/{stage}"):
        wrong = {m for m in _imports(path) if f"{m}.".startswith(f"actdsl.evolve.{later}.")}
        assert not wrong, path


def test_core_names_no_heavy_package() -> None:
    allowed = {
        "sympy_view.py": {"sympy"},
        "simplification.py": {"sympy"},
        "plot.py": {"matplotlib"},
    }
    wrong = []
    for path in _modules("actdsl"):
        relative = path.relative_to(ROOT / "actdsl").as_posix()
        if relative.startswith(ROOF):
            continue
        heavy = {m.partition(".")[0] for m in _imports(path)} & HEAVY
        wrong += [f"{relative} imports {m}" for m in heavy - allowed.get(relative, set())]
    assert not wrong


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import actdsl", {"numpy", "lark", *HEAVY}),
        ("import actdsl.cli", {"numpy", "lark", *HEAVY}),
        ("import actdsl.ir, actdsl.program", HEAVY),
        ("import actdsl.grammar", HEAVY),
        ("import actdsl.cli.check as c; c.check_file('examples/gelu.act')", HEAVY),
        ("import actdsl.backends as b, actdsl; b.source(actdsl.zoo['gelu'], 'torch')", HEAVY),
    ],
)
def test_import_is_light(statement: str, absent: set[str]) -> None:
    code = f"import sys; {statement}; print(sorted({sorted(absent)!r} & sys.modules.keys()))"
    code = code.replace(f"{sorted(absent)!r} & sys", f"set({sorted(absent)!r}) & sys")
    shown = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert shown.stdout.strip() == "[]"


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    sizes = {p: len(p.read_text().splitlines()) for f in FOLDERS for p in _modules(f)}
    ordered = sorted(sizes.values())
    print(f"{len(ordered)} files, median {ordered[len(ordered) // 2]}, longest {ordered[-1]} lines")
    assert not {str(p): n for p, n in sizes.items() if n > 400}


def test_faces_only_re_export() -> None:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("__init__.py"):
            body = ast.parse(path.read_text()).body
            allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign, ast.If)
            named = {"__getattr__", "__dir__"}
            assert all(
                isinstance(n, allowed) or (isinstance(n, ast.FunctionDef) and n.name in named)
                for n in body
            ), path
