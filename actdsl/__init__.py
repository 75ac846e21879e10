"""actdsl: a language for neural activation functions, a compiler to kernels, and a search.

>>> import actdsl
>>> act = actdsl.zoo["gelu_sine"]
>>> layer = act.module()          # a drop-in for torch.nn.GELU()

Names are imported when first used; ``import actdsl`` itself imports nothing heavy. The language's
functions (``actdsl.sin``, ``actdsl.gelu``, ...) are for use inside ``@actdsl.activation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actdsl.api import Activation, load, parse, simplify, zoo
    from actdsl.errors import ActdslError
    from actdsl.grammar import SourceError
    from actdsl.tracing import TraceError, activation
    from actdsl.tracing import parameter as param

__all__ = [
    "ActdslError",
    "Activation",
    "SourceError",
    "TraceError",
    "activation",
    "load",
    "param",
    "parse",
    "simplify",
    "zoo",
]

_HOMES = {
    "ActdslError": "actdsl.errors",
    "Activation": "actdsl.api",
    "SourceError": "actdsl.grammar",
    "TraceError": "actdsl.tracing",
    "activation": "actdsl.tracing",
    "load": "actdsl.api",
    "parse": "actdsl.api",
    "simplify": "actdsl.api",
    "zoo": "actdsl.api",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name.startswith("_"):
        raise AttributeError(name)
    tracing = import_module("actdsl.tracing")
    if name == "param":
        return tracing.parameter
    try:
        return tracing.function(name)
    except KeyError:
        raise AttributeError(f"module 'actdsl' has no attribute '{name}'") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
