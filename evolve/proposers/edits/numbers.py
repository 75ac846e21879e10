"""Edits of numbers: a constant moved, made learnable, fixed again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from actdsl.evolve.proposers.expressions.constants import few_digits, jittered
from actdsl.evolve.proposers.expressions.parameters import MOST, free_name, params_of
from actdsl.evolve.proposers.expressions.places import is_free_constant, places, put, replaced
from actdsl.ir import Node, Param, const, constant, leaves, param

_ROOM = 4.0


def jitter(rng: np.random.Generator, root: Node) -> Node | None:
    """One constant, or one parameter's initial value, moved a little; None if there is neither."""
    numbers = [p for p in places(root) if p.operand.op == "param" or is_free_constant(p)]
    if not numbers:
        return None
    place = numbers[rng.integers(len(numbers))]
    value = constant(place.operand)
    if value is not None:
        return put(root, place, const(jittered(rng, value)))
    spec = place.operand.attr
    assert isinstance(spec, Param)
    return replaced(root, place.operand, param(_moved(rng, spec)))


def promote(rng: np.random.Generator, root: Node) -> Node | None:
    """A constant becomes a parameter that starts there, with room to either side of it."""
    constants = [p for p in places(root) if is_free_constant(p)]
    used = params_of(root)
    if not constants or len(used) >= MOST:
        return None
    place = constants[rng.integers(len(constants))]
    value = constant(place.operand)
    assert value is not None
    name = free_name({p.name for p in used})
    bounds = (
        sorted((few_digits(value / _ROOM), few_digits(value * _ROOM))) if value else (-1.0, 1.0)
    )
    return put(root, place, param(Param(name, value, *bounds)))


def demote(rng: np.random.Generator, root: Node) -> Node | None:
    """A parameter becomes the constant that it started from."""
    found = leaves([root], "param")
    if not found:
        return None
    leaf = found[rng.integers(len(found))]
    assert isinstance(leaf.attr, Param)
    return replaced(root, leaf, const(leaf.attr.initial))


def _moved(rng: np.random.Generator, spec: Param) -> Param:
    lower, upper = spec.bounds
    return replace(spec, initial=min(max(jittered(rng, spec.initial), lower), upper))
