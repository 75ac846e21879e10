"""The learnable parameters of an expression, and names for more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain, count

from actdsl.evolve.proposers.expressions.places import replaced
from actdsl.ir import Node, Param, leaves, param

MOST = 3
"""Parameters that a proposal may have."""


def params_of(root: Node) -> list[Param]:
    """The parameters used in a graph, in order of first use."""
    return [leaf.attr for leaf in leaves([root], "param") if isinstance(leaf.attr, Param)]


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
