"""Device mathematics: what the op table's ``cuda`` column calls and Python's ``math`` has not.

These functions are text that a generated file carries, inside a factory whose argument ``real`` is
the working type. Every constant is written in it, because on a GPU a float32 times a Python number
is a float64. Here ``real`` stands for float64, and the functions run as plain Python.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable

real = float


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), by exp(-|x|), which cannot overflow."""
    e = math.exp(-abs(x))
    return (e if x < real(0.0) else real(1.0)) / (real(1.0) + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return (real(0.0) if x < real(0.0) else x) + math.log1p(math.exp(-abs(x)))


def sinc(x: float) -> float:
    """sin(pi x) / (pi x), and 1 at 0."""
    return real(1.0) if x == real(0.0) else sinpi(x) / (real(3.141592653589793) * x)


def mod(a: float, b: float) -> float:
    """The remainder of floored division, exact: it has the sign of b."""
    rest = math.fmod(a, b)
    opposite = (rest < real(0.0)) != (b < real(0.0))
    return rest + b if opposite and rest != real(0.0) else rest


def clip(x: float, low: float, high: float) -> float:
    """x held between two bounds, the upper one last; NaN if any is NaN."""
    raised = x if x > low or x != x else low
    return raised if raised < high or raised != raised else high


def sinpi(x: float) -> float:
    """sin(pi x), its argument reduced exactly."""
    return math.sin(math.pi * math.remainder(x, 2.0))


def rint(x: float) -> float:
    """The nearest integer, ties to even."""
    return x - math.remainder(x, 1.0)


def sech2(x: float) -> float:
    """1 / cosh(x)**2, by exp(-2 |x|), which cannot overflow."""
    e = math.exp(real(-2.0) * abs(x))
    d = real(1.0) + e
    return real(4.0) * e / (d * d)


def cospi(x: float) -> float:
    """cos(pi x), its argument reduced exactly."""
    return math.cos(math.pi * math.remainder(x, 2.0))


_FUNCTIONS: dict[str, Callable[..., float]] = {
    function.__name__: function for function in (sigmoid, softplus, sinc, sech2, mod, clip)
}
_LIBDEVICE = ("sinpi", "cospi", "rint")
NAMES: frozenset[str] = frozenset({*_FUNCTIONS, *_LIBDEVICE})
"""Every function that a kernel may find beside it."""


def definitions(code: str) -> list[str]:
    """The text of each function that some generated code calls, callees first.

    NVIDIA's libdevice has three of them, under a name for each working type.
    """
    called = _calls([code])
    called |= _calls(inspect.getsource(_FUNCTIONS[name]) for name in called & _FUNCTIONS.keys())
    names = [name for name in _LIBDEVICE if name in called]
    choices = [f"{n} = libdevice.{n}f if real is np.float32 else libdevice.{n}" for n in names]
    return choices + [_device(_FUNCTIONS[name]) for name in _FUNCTIONS if name in called]


def _calls(texts: Iterable[str]) -> set[str]:
    return {n for text in texts for n in re.findall(r"(?<![.\w])(\w+)\(", text) if n in NAMES}


def _device(function: Callable[..., float]) -> str:
    """The function's text for a file without annotations."""
    text = re.sub(r": float(?=[,)])| -> float", "", inspect.getsource(function))
    return f"@device\n{text.strip()}"
