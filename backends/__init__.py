"""How activations run: one emitter, four targets, and torch modules around them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from actdsl.backends.compile import TARGETS, apply, function, source, target_for

if TYPE_CHECKING:
    from actdsl.backends.cuda.ptx import ptx
    from actdsl.backends.module import ActivationModule

__all__ = ["TARGETS", "ActivationModule", "apply", "function", "ptx", "source", "target_for"]

# On demand: they need torch and numba-cuda, which source code for a target does not.
_HOMES = {"ActivationModule": "actdsl.backends.module", "ptx": "actdsl.backends.cuda.ptx"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
