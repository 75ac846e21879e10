"""Formulas as LaTeX."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from matplotlib.mathtext import MathTextParser
from strategies import graph_programs

import actdsl
from actdsl.ir import const, input, node
from actdsl.latex import formula as latex_of
from actdsl.latex import latex
from actdsl.program import Program

from .oracle import formula

SHOWN = [
    ("x + 1 - 2", r"x + 1 - 2"),
    ("x - (1 - 2)", r"x - \left(1 - 2\right)"),
    ("x - (1 + x)", r"x - \left(1 + x\right)"),
    ("2 * (x + 1)", r"2 \, \left(x + 1\right)"),
    ("2 * x * 3", r"2 \, x \, 3"),
    ("-x", r"-x"),
    ("-(x + 1)", r"-\left(x + 1\right)"),
    ("x * -3", r"x \, \left(-3\right)"),
    ("x / (1 + x)", r"\frac{x}{1 + x}"),
    ("x**2", r"{x}^{2}"),
    ("(-x)**2", r"{\left(-x\right)}^{2}"),
    ("-x**2", r"-{x}^{2}"),
    ("(x + 1)**(x - 1)", r"{\left(x + 1\right)}^{x - 1}"),
    ("(x / 2)**2", r"{\left(\frac{x}{2}\right)}^{2}"),
    ("exp2(x)**2", r"{\left(2^{x}\right)}^{2}"),
    ("(1e-9)**x", r"{\left(1 \cdot 10^{-9}\right)}^{x}"),
    ("sin(x + 1)", r"\sin\left(x + 1\right)"),
    ("abs(x) + sqrt(x)", r"\left|x\right| + \sqrt{x}"),
    ("where(x > 0, x, 1)", r"\begin{cases} x & x > 0 \\ 1 & \text{otherwise} \end{cases}"),
    ("gelu(x)", r"\operatorname{gelu}\left(x\right)"),
    ("leaky_relu(x)", r"\operatorname{leaky\_relu}\left(x, 0.01\right)"),
    ("0.1 * x", r"0.1 \, x"),
    ("1e-9 * x", r"1 \cdot 10^{-9} \, x"),
    ("alpha * x", r"\alpha \, x"),
    ("x_max * beta_2 * width", r"x_{max} \, \beta_{2} \, \mathit{width}"),
]

AMBIGUOUS = [
    ("mod(x + 1, 2)", "x + mod(1, 2)"),
    ("mod(x, 2) * 3", "mod(x, 2 * 3)"),
    ("3 * mod(x, 2)", "mod(3 * x, 2)"),
]


@pytest.mark.parametrize(("written", "shown"), SHOWN, ids=[s[0] for s in SHOWN])
def test_shown(written: str, shown: str) -> None:
    params = "param alpha = 1\n param x_max = 1\n param beta_2 = 1\n param width = 1"
    program = formula(written, params=params if "alpha" in written or "width" in written else "")
    assert latex_of(program.body) == shown


@pytest.mark.parametrize(("one", "other"), AMBIGUOUS)
def test_two_functions_do_not_look_alike(one: str, other: str) -> None:
    plain = [latex_of(formula(written).body) for written in (one, other)]
    bare = [text.replace("{", "").replace("}", "").replace(" ", "") for text in plain]
    assert bare[0] != bare[1]


def test_a_double_minus_has_a_parenthesis() -> None:
    assert "--" not in latex_of(node("neg", (-input("x"),)))
    assert "- -" not in latex_of(input("x") - (-input("y")))
    assert "- -" not in latex_of(input("x") - const(-2.0))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"),
        (-2.5, "-2.5"),
        (1 / 3, r"\frac{1}{3}"),
        (-2 / 7, r"-\frac{2}{7}"),
        (1 / 8, "0.125"),
        (float("inf"), r"\infty"),
        (float("-inf"), r"-\infty"),
        (float("nan"), r"\mathrm{NaN}"),
        (1e20, r"1 \cdot 10^{20}"),
        (0.044715, "0.044715"),
    ],
)
def test_numbers(value: float, shown: str) -> None:
    assert latex_of(const(value)) == shown


def test_a_program_has_a_left_side() -> None:
    program = formula("x * sigmoid(gate)", head="my_unit(x, gate)")
    assert latex(program) == (
        r"\operatorname{my\_unit}\left(x, \mathit{gate}\right) = x \, \sigma\left(\mathit{gate}\right)"
    )


def test_a_long_formula_is_cut() -> None:
    root = input("x")
    for _ in range(30):
        root = root * root + root
    assert len(latex_of(root)) < 5_000
    assert r"\cdots" in latex_of(root)


def _balanced(text: str) -> bool:
    depth = 0
    for character in text.replace(r"\{", "").replace(r"\}", ""):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and text.count(r"\left") == text.count(r"\right")


@pytest.mark.parametrize("name", actdsl.zoo)
def test_the_zoo_is_set(name: str) -> None:
    text = actdsl.zoo[name].latex()
    assert _balanced(text)
    if "cases" not in text:
        MathTextParser("path").parse(f"${text}$")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(graph_programs(("x", "gate"), jumps=True))
def test_random_formulas_are_balanced(program: Program) -> None:
    assert _balanced(latex(program))
