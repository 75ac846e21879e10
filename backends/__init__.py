"""How activations run: one emitter, four targets, and torch modules around them."""

from typing import TYPE_CHECKING, Any

from actdsl.backends.compile import TARGETS, apply, function, source, target_for

if TYPE_CHECKING:
    from actdsl.backends.module import ActivationModule

__all__ = ["TARGETS", "ActivationModule", "apply", "function", "source", "target_for"]


def __getattr__(name: str) -> Any:
    """``ActivationModule`` on demand: it needs torch, which source code for a target does not."""
    if name == "ActivationModule":
        from actdsl.backends.module import ActivationModule

        return ActivationModule
    raise AttributeError(name)
