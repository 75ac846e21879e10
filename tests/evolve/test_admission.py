from __future__ import annotations

import pytest

from actdsl.evolve.admission import Admission, RefusedError
from actdsl.grammar import parse
from actdsl.identity import canonical_hash


def program(body: str, head: str = "f(x)") -> str:
    return f"activation {head}:\n    {body}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (program("return sin("), "no program: "),
        (program("return x * gate", "f(x, gate)"), "gated: f takes 2 inputs"),
        (program("return x - mean(x)"), "contextual: .*--allow-contextual admits it"),
        (program("return log(x)"), "not finite: its value at x = 0"),
        (program("return exp(x * x)"), "not finite: its value at x = -?9.4"),
        (program("return exp(x * x / 16) * 1e6"), "too large: 3e.06 at x = -4"),
        (program("return sqrt(abs(x))"), "not finite: its slope at x = 0"),
        (program("return floor(x)"), "without slope"),
        (program("return sin(x) / 1e6 + 2"), "constant: on"),
        (program("return 3 * x + 1"), "affine: on"),
        (program("return relu(x + 50)"), "affine: on"),
        (program("return x + 1e-4 * sin(x)"), "affine: on"),
        (program("return tanh(tanh(tanh(x)))"), "too costly: 42 FLOPs per element, more than 40"),
    ],
)
def test_refusals_say_why(text: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=f"^{reason}"):
        Admission(max_flops=40).admit(text)


@pytest.mark.parametrize(
    "body",
    ["return relu(x)", "return x**3", "return sin(100 * x)", "return exp(x)", "return -abs(x)"],
)
def test_what_can_be_trained_is_admitted(body: str) -> None:
    identity = Admission().admit(program(body))
    assert identity.name == "f"
    assert identity.hash == canonical_hash(parse(program(body)).program)


def test_a_function_is_admitted_once_whatever_its_words() -> None:
    admission = Admission()
    admission.admit(program("return x * sin(x) + x", "first(x)"))
    with pytest.raises(RefusedError, match="known: first in other words"):
        admission.admit(program("let s = sin(z)\n    return z + s * z", "second(z)"))
    with pytest.raises(RefusedError, match="known: the values of first"):
        admission.admit(program("return x + x * cos(x - pi / 2)", "third(x)"))


def test_parameters_tell_functions_apart_that_start_as_one() -> None:
    admission = Admission()
    admission.admit(program("return sin(x) + x", "fixed(x)"))
    admission.admit(program("param a = 1\n    return sin(a * x) + x", "wave(x)"))
    admission.admit(program("param a = 1\n    return sin(x) + a * x", "line(x)"))
    same = program("param b = 1 in [0, 2]\n    return x - sin(-abs(b) * x)", "third(x)")
    with pytest.raises(RefusedError, match="known: the values of wave"):
        admission.admit(same)


def test_contextual_activations_are_admitted_when_asked_for() -> None:
    text = program("return tanh(x) * (1 + 0.1 * tanh(x - mean(x)))")
    assert Admission(contextual=True).admit(text).name == "f"


def test_a_refused_function_is_not_remembered() -> None:
    cheap = Admission(max_flops=14)
    for _ in range(2):
        with pytest.raises(RefusedError, match="too costly"):
            cheap.admit(program("return tanh(x) + 0.1 * sin(x)"))
    assert cheap.admit(program("return tanh(x)")).flops == 14
