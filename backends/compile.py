"""From a program to a target's source, and from there to functions that can be called."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from actdsl.backends.interface import public_name
from actdsl.backends.load import load
from actdsl.errors import ActdslError, MissingExtraError
from actdsl.program import Program

TARGETS = ("torch", "numba", "cuda", "jax")
"""The backends that a file can be written for, by name."""

_FAST_FILES = ("cuda",)
"""Targets whose files may be told to use approximations."""

_PACKAGES = {"cuda": ("numba_cuda", "numba-cuda"), "jax": ("jax", "jax")}


@lru_cache(maxsize=512)
def source(program: Program, target: str, fast: bool = False) -> str:
    """The stand-alone Python file of a program for a target.

    ``fast`` lets CUDA kernels of float32 use the approximations that those of half types use.

    Raises:
        ActdslError: there is no such target, or it has no approximations.
    """
    if target not in TARGETS:
        raise ActdslError(f"there is no backend '{target}': use one of {', '.join(TARGETS)}")
    module = import_module(f"actdsl.backends.targets.{target}")
    if fast and target not in _FAST_FILES:
        raise ActdslError(f"the {target} backend has no approximations: --fast is for cuda")
    text: str = module.source(program, fast=True) if fast else module.source(program)
    return text


@lru_cache(maxsize=512)
def function(program: Program, target: str, fast: bool = False) -> Callable[..., Any]:
    """The function of inputs and parameters that a target's file defines.

    ``native`` is the kernels of the numba target, compiled straight to machine code in this
    process; there is no file of it. ``fast`` is for it and for ``cuda``: float32 may then err by
    what docs/accuracy.md says of it. Other targets have one way only.

    Raises:
        MissingExtraError: the target's package is not installed.
    """
    if target == "native":
        from actdsl.backends import native

        return native.function(program, fast)
    module_name, package = _PACKAGES.get(target, ("", ""))
    if module_name and find_spec(module_name) is None:
        raise MissingExtraError(package, target, f"the {target} backend")
    module = load(source(program, target, fast and target in _FAST_FILES))
    if target == "cuda":
        import_module("actdsl.backends.cuda.cache").keep_kernels(module)
    found: Callable[..., Any] = getattr(module, public_name(program.name))
    return found


def target_for(device_type: str) -> str:
    """The best backend for torch tensors on a type of device."""
    if device_type == "cpu":
        return "native"
    if device_type == "cuda" and find_spec("numba_cuda") is not None:
        return "cuda"
    return "torch"


def apply(program: Program, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """The activation of NumPy arrays, torch tensors or JAX arrays, by the best backend for them.

    Raises:
        ActdslError: the number of inputs, a parameter's name or a type is wrong.
    """
    if len(inputs) != len(program.inputs):
        raise ActdslError(
            f"{program.name} takes {len(program.inputs)} inputs "
            f"({', '.join(program.inputs)}), not {len(inputs)}"
        )
    known = {spec.name for spec in program.params}
    if unknown := sorted(params.keys() - known):
        raise ActdslError(f"{program.name} has no parameter '{unknown[0]}': it has {sorted(known)}")
    target = _target_of(inputs[0])
    if target != "native":
        params = {public_name(name): value for name, value in params.items()}
    return function(program, target)(*inputs, **params)


def _target_of(value: Any) -> str:
    package = type(value).__module__.partition(".")[0]
    if package == "numpy":
        return "native"
    if package == "torch" or hasattr(value, "__torch_function__"):
        return target_for(value.device.type)
    if package in ("jax", "jaxlib"):
        return "jax"
    raise ActdslError(
        f"an activation takes a torch tensor, a NumPy array or a JAX array, not {type(value).__name__}"
    )
