"""The emitter: names, parentheses and the order of evaluation."""

from __future__ import annotations

import math
from typing import Any

import pytest

from actdsl.backends.emit import Dialect, Emitter, literal
from actdsl.ir import Node, const, input
from actdsl.ops.functions import exp, mean, sin, var, where

x, y = input("x"), input("y")
NAMES = {x: "x", y: "y"}


def emitted(root: Node, **dialect: Any) -> tuple[list[str], str]:
    emitter = Emitter(Dialect("torch", **dialect), NAMES)
    (value,) = emitter.values([root])
    return emitter.lines, value


@pytest.mark.parametrize(
    ("root", "text"),
    [
        (x + y + x, "x + y + x"),
        (x + (y + x), "x + (y + x)"),
        (x - (y - x), "x - (y - x)"),
        (x * y / (x * y - 1.0), "x * y / (x * y - 1.0)"),
        ((x + y) * x, "(x + y) * x"),
        (-(x + y), "-(x + y)"),
        (-x * y, "-x * y"),
        (x * -y, "x * -y"),
        (x - const(-2.0), "x - -2.0"),
        (exp(x + y), "torch.exp(x + y)"),
        (x**y, "torch.pow(x, y)"),
        (where(x > 0.0, x, y), "torch.where((x > 0.0), x, y)"),
    ],
)
def test_parentheses_keep_the_order_of_evaluation(root: Node, text: str) -> None:
    lines, value = emitted(root)
    shared = {name: value for name, _, value in (line.partition(" = ") for line in lines)}
    for name, definition in shared.items():
        value = value.replace(name, definition)
    assert value == text
    numbers = {"x": 0.7, "y": -1.3}
    if "torch" not in text:
        assert eval(value, numbers) == pytest.approx(eval(text, numbers), abs=0.0)


def test_what_is_used_twice_gets_a_name() -> None:
    shared = sin(x)
    assert emitted(shared + exp(shared)) == (["t0 = torch.sin(x)"], "t0 + torch.exp(t0)")


def test_long_lines_are_cut_by_names() -> None:
    root = x
    for _ in range(30):
        root = sin(root + y)
    lines, value = emitted(root)
    assert lines
    assert max(map(len, [*lines, value])) < 100


def test_choices_become_selects_where_the_dialect_asks() -> None:
    root = where(x > 0.0, exp(x), sin(x))
    assert emitted(root)[0] == []
    assert emitted(root, selects=True)[0] == [
        "t0 = (x > 0.0)",
        "t1 = torch.exp(x)",
        "t2 = torch.sin(x)",
    ]


def test_numbers_as_arguments_are_the_dialects() -> None:
    root = where(x > 0.0, x, 0.5) + 0.25
    _, value = emitted(root, argument=lambda v: f"tensor({v})")
    assert value == "torch.where((x > 0.0), x, tensor(0.5)) + 0.25"


def test_literals_are_python() -> None:
    for value in (0.1, -3.0, 1e300, math.inf, -math.inf):
        assert eval(literal(value), {"math": math}) == value
    assert math.isnan(eval(literal(math.nan), {"math": math}))


def test_an_unsupported_cell_says_why() -> None:
    with pytest.raises(ValueError, match="var has no torch spelling: lower"):
        emitted(var(x, attr="all"))


def test_axes_reach_the_text() -> None:
    assert emitted(mean(x, attr="feature"))[1] == "mean(x, 'feature')"
