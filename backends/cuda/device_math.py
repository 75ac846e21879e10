"""Device mathematics: what the op table's ``cuda`` column calls, as text that a generated file has.

The functions stand inside a factory whose argument ``real`` is the working type, and ``quick`` says
whether approximations will do. Every constant is written in the working type, because on a GPU a
float32 times a Python number is a float64. Here, ``real`` stands for float64, and the functions
run as plain Python.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from actdsl.backends.cuda import approximations, trigonometry
from actdsl.backends.cuda.stand_ins import real
from actdsl.backends.cuda.trigonometry import sinpi_single as sinpi


def divide_exact(a: float, b: float) -> float:
    """a / b."""
    return a / b


divide = divide_exact


def rsqrt_exact(x: float) -> float:
    """1 / sqrt(x)."""
    return real(1.0) / math.sqrt(x)


def sigmoid_exact(x: float) -> float:
    """1 / (1 + exp(-x)), by exp(-|x|), which cannot overflow."""
    e = math.exp(-abs(x))
    return (e if x < real(0.0) else real(1.0)) / (real(1.0) + e)


def sigmoid_slope_exact(x: float) -> float:
    """sigmoid(x) sigmoid(-x), by exp(-|x|) and one division."""
    e = math.exp(-abs(x))
    d = real(1.0) + e
    return e / (d * d)


def softplus_exact(x: float) -> float:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return (real(0.0) if x < real(0.0) else x) + math.log1p(math.exp(-abs(x)))


def sech2_exact(x: float) -> float:
    """1 / cosh(x)**2, by exp(-2 |x|), which cannot overflow."""
    e = math.exp(real(-2.0) * abs(x))
    d = real(1.0) + e
    return real(4.0) * e / (d * d)


def sinc(x: float) -> float:
    """sin(pi x) / (pi x), and 1 at 0."""
    return real(1.0) if x == real(0.0) else divide(sinpi(x), real(3.141592653589793) * x)


def mod(a: float, b: float) -> float:
    """The remainder of floored division, exact: it has the sign of b."""
    rest = math.fmod(a, b)
    opposite = (rest < real(0.0)) != (b < real(0.0))
    return rest + b if opposite and rest != real(0.0) else rest


def clip(x: float, low: float, high: float) -> float:
    """x held between two bounds, the upper one last; NaN if any is NaN."""
    raised = x if x > low or x != x else low
    return raised if raised < high or raised != raised else high


def _of(module: ModuleType) -> dict[str, Callable[..., object]]:
    """The functions that a module defines."""
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: f for name, f in found if f.__module__ == module.__name__ and name[0] != "_"}


_FUNCTIONS = _of(sys.modules[__name__]) | _of(trigonometry) | _of(approximations)
_EXACT = [n.removesuffix("_exact") for n in _FUNCTIONS if n.endswith("_exact")]
_CHOICES = {n: f"{n}_quick if quick else math.{n}" for n in approximations.BUDGETS}
_CHOICES |= {n: f"{n}_quick if quick else {n}_exact" for n in _EXACT}
_CHOICES |= {n: f"math.{n} if real is np.float64 else {n}_single" for n in ("sin", "cos", "tan")}
_CHOICES |= {n: f"libdevice.{n} if real is np.float64 else {n}_single" for n in ("sinpi", "cospi")}
_CHOICES["rint"] = "libdevice.rint if real is np.float64 else libdevice.rintf"
_CHOICES["tanh"] = "tanh_approx if quick else math.tanh"
NAMES: frozenset[str] = frozenset({*_FUNCTIONS, *_CHOICES})
"""Every function that a kernel may find beside it."""
_RESPELLED = {
    "{0} / {1}": "divide({0}, {1})",
    "(real(1.0) / math.sqrt({0}))": "rsqrt({0})",
    "(sigmoid({0}) * sigmoid(-{0}))": "sigmoid_slope({0})",
}


def respelled(cell: str) -> str:
    """The op table's cell, with the functions that this module chooses instead of Python's."""
    bare = re.sub(r"math\.(\w+)", lambda m: m[1] if m[1] in _CHOICES else m[0], cell)
    return _RESPELLED.get(cell, bare)


def definitions(code: str) -> list[str]:
    """The text of each function that some generated code calls, callees first."""
    written: dict[str, str] = {}
    for name in _called(code):
        _define(name, written)
    return list(written.values())


def _define(name: str, written: dict[str, str]) -> None:
    if name in written:
        return
    choice = _CHOICES.get(name)
    text = f"{name} = {choice}" if choice else _device(_FUNCTIONS[name])
    for other in _called(choice or text):
        _define(other, written)
    written[name] = text


def _called(text: str) -> Iterator[str]:
    """The functions that some text names, in the order in which it does."""
    names = (n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name))
    return (name for name in dict.fromkeys(names) if name in NAMES)


def _device(function: Callable[..., object]) -> str:
    """The function's text for a file without annotations."""
    kinds = inspect.get_annotations(function)
    results = {"float": 1, "tuple[float, float]": 2}.get(kinds.pop("return"))
    formula = results if set(kinds.values()) == {"float"} else None
    text = re.sub(r": (float|int)(?=[,)])| -> [^:]+(?=:)", "", inspect.getsource(function))
    return f"@{f'formula({formula})' if formula else 'device'}\n{text.strip()}"
