"""Edits between constants and learnable parameters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain, count

import numpy as np

from actdsl.evolve.proposers.constants import few_digits, jittered
from actdsl.evolve.proposers.places import Place, places, put, replaced
from actdsl.ir import Node, Param, const, constant, leaves, param

MOST = 3
"""Parameters that a proposal may have."""

_ROOM = 4.0


def params_of(root: Node) -> list[Param]:
    """The parameters used in a graph, in order of first use."""
    return [leaf.attr for leaf in leaves([root], "param") if isinstance(leaf.attr, Param)]


def jitter(rng: np.random.Generator, root: Node) -> Node | None:
    """One constant, or one parameter's initial value, moved a little; None if there is neither."""
    numbers = [p for p in places(root) if p.operand.op == "param" or _is_free_constant(p)]
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
    constants = [p for p in places(root) if _is_free_constant(p)]
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


def without_clashes(donor: Node, host: Node) -> Node:
    """The donor with parameters renamed where the host has another of that name."""
    theirs = {p.name: p for p in params_of(host)}
    taken = set(theirs) | {p.name for p in params_of(donor)}
    for leaf in leaves([donor], "param"):
        spec = leaf.attr
        assert isinstance(spec, Param)
        if theirs.get(spec.name, spec) != spec:
            name = free_name(taken)
            taken.add(name)
            donor = replaced(donor, leaf, param(replace(spec, name=name)))
    return donor


def free_name(taken: Collection[str]) -> str:
    """The first name for a parameter that is not taken."""
    return next(name for name in chain("abcdk", (f"k{i}" for i in count(1))) if name not in taken)


def _is_free_constant(place: Place) -> bool:
    """A constant that may be any number, unlike an exponent, which NaN would follow."""
    exponent = place.user is not None and place.user.op == "pow" and place.index == 1
    return constant(place.operand) is not None and not exponent


def _moved(rng: np.random.Generator, spec: Param) -> Param:
    value = jittered(rng, spec.initial)
    if spec.lower is not None and spec.upper is not None:
        value = min(max(value, spec.lower), spec.upper)
    return replace(spec, initial=value)
