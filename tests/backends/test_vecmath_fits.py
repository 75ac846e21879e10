"""The coefficients in the vector mathematics are those that the fits print, and as accurate."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from actdsl.backends.vecmath import DOUBLE, SHORT, source_of

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fit_polynomials.py"
QUOTIENTS = ("erf_short", "erfc_short")
"""Their fits take seconds."""
POLYNOMIALS = (
    *("exp_sum", "quarter_expm1", "exp2", "log_tail", "log2_pair"),
    *("sine", "cosine", "atan", "erf_centre", "erfc_right"),
    *(
        "exp_short",
        "bounded_expm1_short",
        "exp2_short",
        "log1p_centre_short",
        "log2_precisely_short",
        "softplus_short",
    ),
    *("half_turn", "half_turn_of_pi", "sine_short", "cosine_short", "atan_short"),
)
CONSTANTS = ("ln 2", "1 / ln 2", "pi", "pi / 2", "1 / pi", "2 / pi")


@dataclass(frozen=True)
class Printed:
    """What the script prints of one fit: its error as a power of two, and the coefficients."""

    power: float
    coefficients: frozenset[float]


@functools.cache
def printed(*names: str) -> str:
    command = [sys.executable, "-P", str(SCRIPT), *names]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def fits(*names: str) -> dict[str, Printed]:
    parts = re.findall(
        r"^(\w+): .*error 2\*\*(\S+)\n((?:    .*\n)+)", printed(*names), re.MULTILINE
    )
    found = {
        name: Printed(float(power), frozenset(map(float, coefficients.split())))
        for name, power, coefficients in parts
    }
    assert list(found) == list(names)
    return found


def functions(names: frozenset[str]) -> dict[str, ast.FunctionDef]:
    """All functions that some are made of."""
    return {n.name: n for n in ast.parse(source_of(names)).body if isinstance(n, ast.FunctionDef)}


def numbers(function: ast.FunctionDef) -> set[float]:
    """The numbers in a function, below its docstring, with their signs."""
    text = "\n".join(map(ast.unparse, function.body[1:]))
    return {float(number) for number in re.findall(r"-?\b\d[\d.]*(?:e-?\d+)?\b", text)}


def unexplained(name: str, coefficients: frozenset[float]) -> set[float]:
    """Numbers of many digits that are no coefficients, nor parts of a mathematical constant."""
    lines = printed(*CONSTANTS).splitlines()
    parts = {float(part) for line in lines for part in line.partition(": ")[2].split()}
    known = {sign * number for number in coefficients | parts for sign in (1, -1)}
    return {
        number
        for number in numbers(functions(SHORT)[name])
        if number % 1 and len(repr(abs(number))) > 12 and number not in known
    }


def check(found: dict[str, Printed]) -> None:
    texts = functions(DOUBLE | SHORT)
    for name, fit in found.items():
        assert fit.coefficients <= {*numbers(texts[name]), 1.0}, name
        doc = ast.get_docstring(texts[name]) or ""
        if claimed := re.search(r"error 2\*\*-(\d+)", doc):
            assert fit.power <= -int(claimed[1]), name


def test_polynomials() -> None:
    found = fits(*POLYNOMIALS)
    check(found)
    known = frozenset[float]().union(*(fit.coefficients for fit in found.values()))
    for name in set(functions(SHORT)) - {*QUOTIENTS}:
        assert not unexplained(name, known), name


@pytest.mark.slow
def test_quotients() -> None:
    found = fits(*QUOTIENTS)
    check(found)
    for name, fit in found.items():
        assert not unexplained(name, fit.coefficients), name
