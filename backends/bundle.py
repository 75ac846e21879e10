"""One readable file that runs without actdsl: docstring, imports, runtime, generated code."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from importlib.resources import files
from itertools import dropwhile

from actdsl.cost import cost
from actdsl.identity import canonical_hash
from actdsl.program import Program
from actdsl.version import VERSION

_RUNTIME = files("actdsl.backends") / "runtime"


def bundle(
    program: Program,
    target: str,
    imports: Sequence[str],
    runtime: Sequence[str],
    generated: str,
) -> str:
    """The text of the file.

    Args:
        program: what the docstring tells of.
        target: the backend's name.
        imports: import lines that the generated code needs.
        runtime: modules of ``runtime/`` that the generated code calls; copied in this order.
        generated: the code made for this program.
    """
    return _docstring(program, target) + "\n\n" + joined(imports, runtime, generated)


def joined(imports: Sequence[str], runtime: Sequence[str], generated: str) -> str:
    """The text of a file without a docstring."""
    lines, bodies = set(imports), []
    for name in runtime:
        # Read, not imported: compiling for a target does not need the target installed.
        needed, body = split_imports((_RUNTIME / f"{name}.py").read_text())
        lines.update(needed)
        bodies.append(body)
    head = ["from __future__ import annotations", joined_imports(lines)]
    return "\n\n".join(head) + "\n\n\n" + "\n\n\n".join([*bodies, generated.strip()]) + "\n"


def split_imports(source: str) -> tuple[list[str], str]:
    """A module's import lines, and its text below them.

    Imports of actdsl itself are left out: what they name is copied into the same file.
    """
    imports = [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    lines = [ast.unparse(n) for n in imports if not _internal(n)]
    rest = source.splitlines()[max((n.end_lineno or 0 for n in imports), default=0) :]
    return lines, "\n".join(rest).strip()


def _internal(line: ast.Import | ast.ImportFrom) -> bool:
    module = getattr(line, "module", None) or ""
    return module == "__future__" or module.startswith("actdsl")


def joined_imports(lines: set[str]) -> str:
    """Import lines in the order of their modules, one for each module."""
    plain = {line for line in lines if line.startswith("import ")}
    names: dict[str, set[str]] = {}
    for line in lines - plain:
        module, _, imported = line.removeprefix("from ").partition(" import ")
        names.setdefault(module, set()).update(imported.split(", "))
    grouped = [f"from {module} import {', '.join(sorted(n))}" for module, n in names.items()]
    return "\n".join([*sorted(plain), *sorted(grouped)])


def _below_its_comment(text: str) -> str:
    """The source without the comment that opens it, which the docstring shows as prose."""
    return "\n".join(dropwhile(lambda line: line.startswith("#"), text.splitlines()))


def _docstring(program: Program, target: str) -> str:
    price = cost(program)
    paragraphs = [
        f"{program.name}: an activation function, compiled by actdsl {VERSION} for {target}.",
        program.rationale,
        textwrap.indent(_below_its_comment(program.text).strip(), "    "),
        f"Cost per element: {price.flops} FLOPs, {price.transcendentals} transcendental, "
        f"{price.bytes} bytes moved in float32.\nCanonical hash: {canonical_hash(program)}",
    ]
    text = "\n\n".join(p for p in paragraphs if p)
    # The rationale is anybody's text: nothing in it may end the string or escape.
    return '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"""'
