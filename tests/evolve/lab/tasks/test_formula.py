from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.lab.tasks.formula import Formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b*c", 2 + 3 * 5),
        ("a - b - c", -6),
        ("a/b/c", 2 / 3 / 5),
        ("-a**2", -4),
        ("b**3", 27),
        ("(a + b)**2", 25),
        ("2*pi", 2 * np.pi),
        ("sqrt(c) + exp(a) - expm1(a)", np.sqrt(5) + 1),
        ("sinc(1/2)", 2 / np.pi),
        ("log(a*b) - log(a)", np.log(3)),
        ("sin(a)**2 + cos(a)**2", 1),
        ("tanh(a)", np.tanh(2)),
        ("arcsin(1/a)", np.pi / 6),
    ],
)
def test_value(text, value):
    result = Formula(text)({name: np.float64(v) for name, v in {"a": 2, "b": 3, "c": 5}.items()})
    assert result == pytest.approx(value, rel=1e-15)


def test_variables_are_the_names_that_are_neither_functions_nor_pi():
    assert Formula("exp(-x/tau) * cos(2*pi*nu)").variables == {"x", "tau", "nu"}


@pytest.mark.parametrize(
    "text",
    ["unknown", "open('x')", "x.real", "x[0]", "exp(x, x)", "exp(x, out=x)", "x // 2", "'x'", "+x"],
)
def test_only_arithmetic_is_understood(text):
    with pytest.raises(ValueError, match="not arithmetic"):
        Formula(text)({"x": np.ones(3)})
