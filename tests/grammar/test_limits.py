"""The bounds of the language: what is inside is read, what is outside is a diagnostic."""

from __future__ import annotations

import pytest

from actdsl.grammar import SourceError, limits, parse, unparse
from actdsl.grammar.limits import SOURCE_BYTES

HEAD = "activation f(x): "


def codes(text: str) -> set[str]:
    try:
        parse(text)
    except SourceError as error:
        return {diagnostic.code for diagnostic in error.diagnostics}
    return set()


def doubling(levels: int) -> str:
    """A function of 2**levels operations or so."""
    calls = (f"def f{k}(u) = f{k - 1}(f{k - 1}(u))\n" for k in range(1, levels + 1))
    return "def f0(u) = u * u\n" + "".join(calls)


INSIDE_AND_OUTSIDE = {
    "E0501": [
        HEAD + "return x #" + "#" * (limits.SOURCE_BYTES - len(HEAD) - 10 + more) for more in (0, 1)
    ],
    "E0502": [HEAD + f"return {'(' * n}x{')' * n}" for n in (64, 65)],
    "E0503": [HEAD + "return x" + "+x" * n for n in (200, 201)],
    "E0504": [doubling(n) + HEAD + f"return f{n}(x)" for n in (10, 14)],
    "E0505": [HEAD + f"let {'y' * n} = x return {'y' * n}" for n in (64, 65)],
    "E0506": [
        HEAD + "".join(f"param p{k} = 1 " for k in range(n)) + "return x" for n in (64, 65)
    ],
    "E0507": [HEAD + f"return x + 0.{'1' * n}" for n in (62, 63)],
    "E0508": [HEAD + f"return min(x, {n})" for n in ("1.7976931348623157e308", "1.8e308")],
    "E0509": [
        "def f1(u) = u\n"
        + "".join(f"def f{k}(u) = f{k - 1}(u)\n" for k in range(2, n + 1))
        + HEAD + f"return f{n}(x)"
        for n in (64, 65)
    ],
    "E0409": [HEAD + f"return shift(x, {n})" for n in (-4096, 4097)],
}  # fmt: skip


@pytest.mark.parametrize("code", INSIDE_AND_OUTSIDE)
def test_bound(code: str) -> None:
    inside, outside = INSIDE_AND_OUTSIDE[code]
    assert codes(inside) == set()
    assert codes(outside) == {code}


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "return " + "-" * 199 + "x",
        HEAD + "return " + "not " * 198 + "x < 1",
        HEAD + "return x" + "**x" * 200,
        HEAD + "return min(x" + ", x" * 200 + ")",
    ],
)
def test_chains_up_to_the_height_are_read(text: str) -> None:
    assert codes(text) <= {"E0402"}


@pytest.mark.parametrize("expression", ["-{}", "(x + {})", "x**{}", "sin({})", "min(x, {})"])
def test_nesting_has_an_end(expression: str) -> None:
    before, after = expression.split("{}")
    deep = HEAD + "return " + before * 2_000 + "x" + after * 2_000
    assert codes(deep) <= {"E0502", "E0503"}
    assert codes(deep)


def test_calls_in_calls_are_counted_as_written_out() -> None:
    text = doubling(12) + HEAD + "let y = f12(x) let z = f12(y) return z + y"
    assert codes(text) == {"E0504"}


def test_constants_of_a_file_have_a_budget_of_operations() -> None:
    text = doubling(8) + "".join(f"def g{k}(u = f8(0 * {k})) = u\n" for k in range(30))
    assert codes(text + HEAD + "return x") == {"E0504"}


def test_long_chains_of_lets_are_read_and_written() -> None:
    lets = "".join(f"let y{k + 1} = y{k} * y{k} " for k in range(500))
    parsed = parse(HEAD + "let y0 = x " + lets + "return y500")
    assert parse(unparse(parsed.program)).program.body is parsed.program.body


UNITS = [
    "$ ", "$", '"', "' ", "+x", "-", "not ", "**x", "(", ")", "return ", "let ", "let a ", "&& x ",
    " x", " 2x", ".a", "math.", "#\n", "#", "def ", "activation f(x): return x\n", "mean(", "=x",
    "<x", "\0", "\t", "\n", '"""', '""" ', " in", ":", "def f(u) = u\n", "(2x)) ", "é", "²",
    "y = 1\n", ", x", "1", "a", "1 ", "a ", "@", "[", "param p = 1 ", "x ? ", "where(",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("head", ["", HEAD + "return x", HEAD + "return "])
def test_the_largest_texts_end_in_diagnostics(head: str, unit: str) -> None:
    text = head + unit * ((SOURCE_BYTES - len(head)) // len(unit.encode()))
    found = codes(text)
    assert found or unit in ("#\n", "#", "\t", "\n")
