"""Names in generated Python: the user's own where they can be, never one that means something."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files

from actdsl.program import Program


def python_name(name: str, reserved: Collection[str] = ()) -> str:
    """The name, with underscores behind it if Python or the file uses it for something else."""
    while keyword.iskeyword(name) or hasattr(builtins, name) or name in reserved:
        name += "_"
    return name


def class_name(program: Program) -> str:
    """The module class of an activation: ``gelu_sinc`` becomes ``GeluSinc``."""
    joined = "".join(part[:1].upper() + part[1:] for part in program.name.split("_") if part)
    return python_name(joined or "Activation", file_names())


@cache
def file_names() -> frozenset[str]:
    """Every name that code copied into generated files defines or imports, in any target."""
    names = {"torch", "nn", "math", "np", "numba", "jax", "jnp", "cuda", "real"}
    for folder in ("runtime", "vecmath", "vecmath/double", "vecmath/short"):
        for file in files("actdsl.backends").joinpath(*folder.split("/")).iterdir():
            if file.name.endswith(".py"):
                names |= _top_level(ast.parse(file.read_text()).body)
    return frozenset(names)


def _top_level(body: Sequence[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(statement.name)
            case ast.Import() | ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in statement.names}
            case ast.Assign():
                names |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Try():
                for part in (statement.body, *(h.body for h in statement.handlers)):
                    names |= _top_level(part)
    return names
