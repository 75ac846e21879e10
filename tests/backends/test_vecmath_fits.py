"""The coefficients in vector and device mathematics are those that the fits print, and as accurate."""

from __future__ import annotations

import ast
import functools
import math
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from actdsl.backends.cuda import approximations, trigonometry
from actdsl.backends.vecmath import DOUBLE, SHORT, single, source_of
from actdsl.grammar.prelude import SOURCE

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
ROUNDED = (
    *("expm1_centref", "exp2f", "log1p_centref", "log2f", "softplusf", "half_turnf"),
    *("half_turn_of_pif", "erfc_rightf", "sinhf", "atanf"),
)
"""Their coefficients are float32."""
CUDA = (
    *("sin_in_half_turn", "sinpi_in_half_turn", "sin_near_zero", "cos_near_zero"),
    *("expm1_quick", "log1p_quick", "softplus_quick", "erfc_quick", "erf_quick"),
)
SINGLE_CONSTANTS = (
    *("ln 2 in float32", "1 / ln 2 in float32", "1 / pi in float32"),
    *("pi in float32", "pi / 2 in float32"),
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
    known = both_signs(coefficients | constants(*CONSTANTS))
    return {
        number
        for number in numbers(functions(SHORT)[name])
        if number % 1 and len(repr(abs(number))) > 12 and number not in known
    }


def unexplained_single(function: ast.FunctionDef, coefficients: frozenset[float]) -> set[float]:
    """The same of float32, where seven digits are many and powers of two show as many."""
    known = both_signs(coefficients | constants(*SINGLE_CONSTANTS))
    return {
        number
        for number in numbers(function) - known
        if number % 1 and len(f"{number:.9g}".partition("e")[0].strip("-0.").replace(".", "")) > 6
        if math.frexp(float(np.float32(abs(number))))[0] != 0.5
    }


def constants(*names: str) -> frozenset[float]:
    """Parts of mathematical constants."""
    lines = printed(*names).splitlines()
    return frozenset(float(part) for line in lines for part in line.partition(": ")[2].split())


def both_signs(numbers: frozenset[float]) -> set[float]:
    return {sign * number for number in numbers for sign in (1, -1)}


@functools.cache
def single_functions() -> dict[str, ast.FunctionDef]:
    """All functions that compute in float32."""
    folder = Path(single.__file__).parent
    trees = [ast.parse(path.read_text()) for path in sorted(folder.glob("*.py"))]
    return {n.name: n for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef)}


def vector_functions() -> dict[str, ast.FunctionDef]:
    """All functions of vector mathematics."""
    return functions(DOUBLE | SHORT) | single_functions()


def check(found: dict[str, Printed], texts: dict[str, ast.FunctionDef]) -> None:
    for name, fit in found.items():
        assert fit.coefficients <= {*numbers(texts[name]), 1.0}, name
        doc = ast.get_docstring(texts[name]) or ""
        if claimed := re.search(r"error 2\*\*-(\d+)", doc):
            assert fit.power <= -int(claimed[1]), name


def test_polynomials() -> None:
    found = fits(*POLYNOMIALS)
    check(found, vector_functions())
    known = frozenset[float]().union(*(fit.coefficients for fit in found.values()))
    for name in set(functions(SHORT)) - {*QUOTIENTS}:
        assert not unexplained(name, known), name


def test_the_polynomial_of_the_prelude() -> None:
    (fit,) = fits("tanh_deficit").values()
    definition = re.search(r"def tanh_deficit\(z\) = (.*)", SOURCE.read_text(encoding="utf-8"))
    assert definition is not None
    text = re.findall(r"(-?\d[\d.]*(?:e-\d+)?)", definition[1])
    assert {float(number) for number in text} == fit.coefficients
    assert fit.power <= -52


@pytest.mark.slow
def test_polynomials_of_float32() -> None:
    found = fits(*ROUNDED)
    check(found, vector_functions())
    known = frozenset[float]().union(*(fit.coefficients for fit in found.values()))
    for name, function in single_functions().items():
        assert not unexplained_single(function, known), name


def test_polynomials_of_cuda() -> None:
    found = fits(*CUDA)
    trees = [ast.parse(Path(str(m.__file__)).read_text()) for m in (trigonometry, approximations)]
    texts = {n.name: n for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef)}
    known = {c for fit in found.values() for c in fit.coefficients}
    check(found, texts)
    parts = constants("1 / pi in float32", "2 / pi in float32", "pi / 2 in float32")
    parts |= constants("1 / ln 2", "2 / ln 2", "ln 2")
    # pi is twice pi / 2; far arguments are reduced in integers with 62 bits behind the point.
    known |= {scale * part for part in parts for scale in (1.0, 2.0, 2.0**-62)} | {0.46, 0.375}
    signed = {np.float32(sign * number) for number in known for sign in (1, -1)}
    for name, function in texts.items():
        many = {n for n in numbers(function) if n % 0.5 and np.float32(n) not in signed}
        assert not many, name


@pytest.mark.slow
def test_quotients() -> None:
    found = fits(*QUOTIENTS)
    check(found, vector_functions())
    for name, fit in found.items():
        assert not unexplained(name, fit.coefficients), name
