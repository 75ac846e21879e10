"""The embedded language: traced functions equal the text, and misuse has one clear line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import actdsl
from actdsl.ir import Param
from actdsl.program import Kind


def _body(text: str) -> Any:
    return actdsl.parse(text).expanded


def _gelu_sine(x: Any) -> Any:
    return actdsl.gelu(x) + 0.1 * actdsl.sin(x)


def _arithmetic(x: Any) -> Any:
    return -((2 - x) / (1 + x * x) ** 0.5) + 3 * +x - abs(x) + 2**x + x % 3 + 7 % x


def _choice(x: Any) -> Any:
    inside = (x > -1) & ~(x >= 1) | (x == 5)
    return actdsl.where(inside, x, actdsl.where(x > 2, 1, actdsl.where(x != 0, x, 0)))


def _gated(x: Any, gate: Any) -> Any:
    return x * actdsl.silu(gate)


def _contextual(x: Any) -> Any:
    z = (x - actdsl.mean(x)) / (actdsl.std(x, axis="feature") + 1e-6)
    return z + actdsl.amax(x, "batch") + actdsl.shift(x, -2) + actdsl.stopgrad(x)


def _params(
    x: Any,
    a: Any = actdsl.param(0.5),
    b: Any = actdsl.param(1.0, bounds=(0.1, 10.0)),
    c: Any = actdsl.param(2.0, bounds=(-1.0, math.inf), per_channel=True),
) -> Any:
    return a * x + actdsl.snake(x, b) * c


def _defaults(x: Any) -> Any:
    return actdsl.elu(x) + actdsl.elu(x, 0.5) + actdsl.leaky_relu(x, 0.2) + actdsl.min(x, 1, 2)


EQUAL: list[tuple[Callable[..., Any], str]] = [
    (_gelu_sine, "f(x): return gelu(x) + 0.1 * sin(x)"),
    (_arithmetic, "f(x): return -((2 - x) / (1 + x * x)**0.5) + 3 * x - abs(x) + 2**x + mod(x, 3)"
     " + mod(7, x)"),
    (_choice, "f(x): return where(x > -1 and not (x >= 1) or x == 5, x,"
     " where(x > 2, 1, where(x != 0, x, 0)))"),
    (_gated, "f(x, gate): return x * silu(gate)"),
    (_contextual, "f(x): return (x - mean(x)) / (std(x, feature) + 1e-6) + amax(x, batch)"
     " + shift(x, -2) + stopgrad(x)"),
    (_params, "f(x): param a = 0.5 param b = 1 in [0.1, 10] param c = 2 in [-1, inf] per"
     " channel return a * x + snake(x, b) * c"),
    (_defaults, "f(x): return elu(x) + elu(x, 0.5) + leaky_relu(x, 0.2) + min(x, 1, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "text"), EQUAL, ids=[f.__name__ for f, _ in EQUAL])
def test_the_decorator_equals_the_text(function: Callable[..., Any], text: str) -> None:
    traced, written = actdsl.activation(function), actdsl.parse(f"activation {text}")
    assert traced.expanded is written.expanded
    assert traced.inputs == written.inputs
    assert traced.params == written.params
    assert traced.kind is written.kind
    assert traced.hash == written.hash
    assert traced.name == function.__name__


def test_the_result_is_an_activation_like_any_other() -> None:
    traced = actdsl.activation(_gelu_sine)
    assert isinstance(traced, actdsl.Activation)
    assert actdsl.parse(traced.text).expanded is traced.expanded
    assert traced(np.array([1.0])) == pytest.approx(
        0.8413447460685429 + 0.1 * math.sin(1), rel=1e-14
    )


def test_the_docstring_is_the_rationale() -> None:
    @actdsl.activation
    def calm(x: Any) -> Any:
        """A tanh that saturates late.

        Good for what grows.
        """
        return actdsl.tanh(x / 2)

    assert calm.rationale == "A tanh that saturates late.\n\nGood for what grows."
    assert calm.text.startswith(
        "# A tanh that saturates late.\n#\n# Good for what grows.\nactivation calm(x):"
    )
    assert actdsl.activation(_gelu_sine).rationale == ""


def test_parameters() -> None:
    assert actdsl.activation(_params).params == (
        Param("a", 0.5),
        Param("b", 1.0, 0.1, 10.0),
        Param("c", 2.0, -1.0, per_channel=True),
    )


def test_kinds() -> None:
    assert actdsl.activation(_contextual).kind is Kind.CONTEXTUAL
    assert actdsl.activation(_gated).kind is Kind.POINTWISE


def test_python_s_own_loops_unroll() -> None:
    def ripples(x: Any) -> Any:
        return sum(actdsl.sin(k * x) / k for k in (1, 2, 3))

    text = "activation f(x): return 0 + sin(x) / 1 + sin(2 * x) / 2 + sin(3 * x) / 3"
    assert actdsl.activation(ripples).hash == actdsl.parse(text).hash


def test_numpy_numbers_are_numbers() -> None:
    def scaled(x: Any) -> Any:
        return np.float64(0.5) * actdsl.sin(x) + np.float64(2.0)

    assert (
        actdsl.activation(scaled).hash
        == actdsl.parse("activation f(x): return 0.5 * sin(x) + 2").hash
    )


def test_a_function_is_traced_once() -> None:
    runs = []

    @actdsl.activation
    def counted(x: Any) -> Any:
        runs.append(x)
        return x

    counted(np.zeros(2))
    counted(np.zeros(3))
    assert len(runs) == 1


# Misuse.

TRUTH = (
    "a traced value has no truth value: write actdsl.where(condition, a, b) instead of `if`, "
    "and & | ~ instead of `and or not`"
)
AXIS = "mean takes a value and an axis: 'all', 'batch', 'feature'"


def _returns(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def broken(x: Any) -> Any:
        return value(x)

    return broken


MISUSE: list[tuple[str, Callable[[Any], Any], str]] = [
    ("if", lambda x: x if x > 0 else 0 * x, TRUTH),
    ("and", lambda x: x > 0 and x, TRUTH),
    ("not", lambda x: not x, TRUTH),
    ("chained comparison", lambda x: actdsl.where(0 < x < 1, x, 0), TRUTH),
    ("builtin max", lambda x: max(x, 0), TRUTH),
    ("math.exp", math.exp, "a traced value is not a number: use actdsl.exp(x), not math.exp(x)"),
    ("float", float, "a traced value is not a number: use actdsl.exp(x), not math.exp(x)"),
    ("returns None", lambda x: None, "broken got NoneType; it takes traced values and numbers"),
    ("returns a comparison", lambda x: x > 0, "broken needs a real value and got a bool one"),
    ("returns a bool", lambda x: True, "broken got bool; it takes traced values and numbers"),
    ("a string operand", lambda x: x + "1", "add got str; it takes traced values and numbers"),
    ("an array operand", lambda x: actdsl.sin(np.zeros(3)),
     "sin got ndarray; it takes traced values and numbers"),
    ("a bool operand", lambda x: x * True, "mul got bool; it takes traced values and numbers"),
    ("arithmetic on a comparison", lambda x: x + (x > 0), "add needs a real value and got a bool one"),
    ("& on a number", lambda x: actdsl.where(x & (x > 0), x, 0),
     "and needs a bool value and got a real one"),
    ("~ on a number", lambda x: actdsl.where(~x, x, 0), "not needs a bool value and got a real one"),
    ("where on a number", lambda x: actdsl.where(x, x, 0), "where needs a bool value and got a real one"),
    ("sin of a comparison", lambda x: actdsl.sin(x > 0), "sin needs a real value and got a bool one"),
    ("gelu of a comparison", lambda x: actdsl.gelu(x > 0), "gelu needs a real value and got a bool one"),
    ("too many", lambda x: actdsl.sin(x, x), "sin takes 1 arguments, not 2"),
    ("too few", lambda x: actdsl.where(x > 0, x), "where takes 3 arguments, not 2"),
    ("too few of many", lambda x: actdsl.min(x), "min takes 2 arguments, not 1"),
    ("too many for a definition", lambda x: actdsl.gelu(x, x), "gelu takes 1 to 1 arguments, not 2"),
    ("too many for defaults", lambda x: actdsl.elu(x, 1, 2), "elu takes 1 to 2 arguments, not 3"),
    ("an unknown axis", lambda x: actdsl.mean(x, axis="rows"), AXIS),
    ("an axis by number", lambda x: actdsl.mean(x, 0), AXIS),
    ("a shift without places", lambda x: actdsl.shift(x), "shift takes a value and a whole number"),
    ("a shift by half a place", lambda x: actdsl.shift(x, 0.5), "shift takes a value and a whole number"),
    ("a shift by a truth value", lambda x: actdsl.shift(x, True), "shift takes a value and a whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "message"), [m[1:] for m in MISUSE], ids=[m[0] for m in MISUSE])
def test_misuse(wrong: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(actdsl.TraceError) as raised:
        actdsl.activation(_returns(wrong))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "wrong",
    [
        round,
        math.floor,
        int,
        lambda x: x[0],
        list,
        np.exp,
        lambda x: x // 2,
        lambda x: divmod(x, 2),
    ],
    ids=["round", "math.floor", "int", "index", "list", "np.exp", "//", "divmod"],
)
def test_what_python_refuses_by_itself_names_the_value(wrong: Callable[[Any], Any]) -> None:
    with pytest.raises((actdsl.TraceError, TypeError), match=r"[Tt]raced"):
        actdsl.activation(_returns(wrong))


def _number_default(x: Any, a: float = 0.5) -> Any:
    return a * x


def _keyword_only(x: Any, *, gate: Any) -> Any:
    return x * gate


def _starred(*x: Any) -> Any:
    return x[0]


@pytest.mark.parametrize(
    ("function", "argument"), [(_number_default, "a"), (_keyword_only, "gate"), (_starred, "x")]
)
def test_other_arguments(function: Callable[..., Any], argument: str) -> None:
    with pytest.raises(actdsl.TraceError) as raised:
        actdsl.activation(function)
    assert str(raised.value) == (
        f"argument '{argument}' of {function.__name__}: an input has no default, "
        "a learnable parameter has actdsl.param(...) as its default"
    )


def test_the_language_s_own_rules_hold() -> None:
    with pytest.raises(actdsl.SourceError):
        actdsl.activation(lambda x: x)  # `<lambda>` is no name
    with pytest.raises(actdsl.SourceError):
        actdsl.activation(lambda: 1.0)

    def three(x: Any, y: Any, z: Any) -> Any:
        return x * y * z

    with pytest.raises(actdsl.SourceError):
        actdsl.activation(three)

    def backwards(x: Any, a: Any = actdsl.param(5.0, bounds=(0.0, 1.0))) -> Any:
        return a * x

    with pytest.raises(actdsl.SourceError):
        actdsl.activation(backwards)

    def inside_out(x: Any, a: Any = actdsl.param(5.0, bounds=(0.0, -math.inf))) -> Any:
        return a * x

    with pytest.raises(actdsl.SourceError):
        actdsl.activation(inside_out)


def test_a_graph_without_end_is_bounded() -> None:
    def huge(x: Any) -> Any:
        for k in range(6_000):
            x = x + k * x
        return x

    with pytest.raises(actdsl.SourceError):
        actdsl.activation(huge)


def test_the_face_offers_the_language() -> None:
    for name in ("sin", "where", "gelu", "mish", "mean", "clip"):
        function = getattr(actdsl, name)
        assert function.__name__ == name
        assert function.__doc__
    with pytest.raises(AttributeError, match="module 'actdsl' has no attribute 'sine'"):
        _ = actdsl.sine
    assert {"activation", "load", "param", "parse", "simplify", "zoo"} <= set(dir(actdsl))
    assert all(getattr(actdsl, name) is not None for name in actdsl.__all__)
