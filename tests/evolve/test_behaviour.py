from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actdsl.evolve.behaviour import Niche, Tail, niche, shape
from actdsl.grammar import parse

BODIES = [
    "tanh(x)",
    "gelu(x)",
    "x * sin(x)",
    "exp(x)",
    "relu(x) + 0.1 * cos(3 * x)",
    "softplus(-x)",
]


def program(body, head=""):
    return parse(f"activation f(x):\n    {head}\n    return {body}\n").program


@given(
    body=st.sampled_from(BODIES),
    scale=st.floats(1e-3, 1e3),
    sign=st.sampled_from((-1, 1)),
    shift=st.floats(-100, 100),
)
@settings(max_examples=60, deadline=None)
def test_output_scale_and_shift_do_not_change_a_shape(body, scale, sign, shift):
    other = program(f"({sign * scale!r}) * ({body}) + ({shift!r})")
    assert shape(other) == shape(program(body))


def test_other_functions_have_other_shapes():
    others = [
        *BODIES,
        "tanh(1.0001 * x)",
        "tanh(x + 0.001)",
        "sigmoid(x)",
        "x**2",
        "x**3",
        "abs(x)",
    ]
    assert len({shape(program(body)) for body in others}) == len(others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tanh(x)", "sigmoid(2 * x)"),
        ("x * sigmoid(x)", "x * (1 + tanh(x / 2))"),
        ("sin(x)**2", "cos(2 * x)"),
        ("softplus(x)", "log(1 + exp(-abs(x))) + max(x, 0)"),
    ],
)
def test_one_function_in_other_words_has_one_shape(one, other):
    assert shape(program(one)) == shape(program(other))


def test_parameters_tell_shapes_apart_that_start_as_one():
    fixed, inner = program("sin(x) + x"), program("sin(a * x) + x", "param a = 1")
    assert shape(fixed) != shape(inner)
    assert shape(inner) == shape(program("3 * (x - sin(-b * x)) - 1", "param b = 1"))


@pytest.mark.parametrize(
    ("body", "left", "right", "monotone", "rippled"),
    [
        ("relu(x)", "flat", "straight", True, False),
        ("tanh(x)", "flat", "flat", True, False),
        ("gelu(x)", "flat", "straight", False, False),
        ("x**3", "curved", "curved", True, False),
        ("x + sin(x)**2", "rippled", "rippled", True, True),
        ("tanh(x) + 0.1 * sin(5 * x) * exp(-x * x / 8)", "flat", "flat", False, True),
        ("exp(-x * x)", "flat", "flat", False, False),
        ("log1p(abs(x))", "curved", "curved", False, False),
    ],
)
def test_niches_say_what_a_function_does(body, left, right, monotone, rippled):
    found = niche(program(body))
    assert found == Niche(Tail(left), Tail(right), monotone, rippled, found.price)


def test_a_niche_goes_by_price_and_not_by_scale():
    assert niche(program("relu(x)")).price == 0
    assert niche(program("gelu(x) * (1 + 0.5 * sinc(x))")).price == 2
    assert niche(program("1000 * gelu(x) - 7")) == niche(program("gelu(x)"))


def test_a_niche_survives_json_and_reads_as_words():
    found = niche(program("relu(x)"))
    assert Niche.from_json(found.as_json()) == found
    assert str(found) == (
        "left tail flat, right tail straight, monotone, without ripples, at most 10 FLOPs"
    )


def test_values_that_overflow_do_no_harm():
    with np.errstate(all="raise"):
        assert niche(program("exp(x * x)")).left is Tail.CURVED
        assert shape(program("exp(x * x)")) != shape(program("exp(2 * x * x)"))
