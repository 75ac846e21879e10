"""The graph: one object per structure, keys for every process, passes without recursion."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from actdsl.cost import flops
from actdsl.derive import derivative
from actdsl.evaluate import evaluate
from actdsl.expand import expand, expanded_size
from actdsl.ir import (
    BOOL,
    REAL,
    Function,
    Node,
    Param,
    as_node,
    call,
    const,
    constant,
    input,
    leaves,
    node,
    param,
    substitute,
    topological,
    transform,
)
from actdsl.latex import formula
from actdsl.lower import lower
from actdsl.rewrite import rewrite

X, Y = input("x"), input("y")


def _everything() -> Node:
    """A graph with every kind of attribute in it."""
    u = input("u")
    inner = call(Function("double", (u,), u + u), (node("shift", (X,), 3),))
    weight = param(Param("a", 0.1, 0.0, 1.0, per_channel=True))
    choice = node("where", (math.nan > X, weight, node("mean", (Y,), "batch")))
    return node("where", (const(True), inner * choice, const(-0.0)))


def test_the_same_structure_is_the_same_object() -> None:
    assert X + 2 * Y is input("x") + 2.0 * input("y")
    assert _everything() is _everything()
    assert X + Y is not Y + X
    assert X - Y is not X + Y


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_is_the_node_itself(again: Callable[[Node], Node]) -> None:
    assert again(_everything()) is _everything()


def test_a_deep_graph_can_be_copied() -> None:
    assert copy.deepcopy(_chain(5_000)) is _chain(5_000)


def test_nodes_differ_by_attribute_and_type() -> None:
    assert input("x") is not input("y")
    assert node("mean", (X,), "all") is not node("mean", (X,), "batch")
    assert node("shift", (X,), 1) is not node("shift", (X,), -1)
    assert param(Param("a", 1.0)) is not param(Param("a", 1.0, 0.0, 2.0))
    assert param(Param("a", 1.0)) is not param(Param("a", 1.0, per_channel=True))
    assert const(True) is not const(1.0)
    assert const(True).type is BOOL
    assert const(1).type is REAL


def test_functions_of_one_name_differ_by_body() -> None:
    u = input("u")
    once, twice = Function("f", (u,), u), Function("f", (u,), u + u)
    assert call(once, (X,)) is not call(twice, (X,))


def test_constants_are_told_apart_by_bits() -> None:
    assert const(0.0) is not const(-0.0)
    assert str(constant(const(-0.0))) == "-0.0"
    odd_nan = struct.unpack("<d", struct.pack("<Q", 0xFFF8_0000_0000_0001))[0]
    assert const(math.nan) is const(-math.nan) is const(odd_nan)
    assert const(math.inf) is not const(-math.inf)
    assert const(0.1 + 0.2) is not const(0.3)
    assert const(2) is const(2.0)


def test_threads_agree_on_one_node() -> None:
    gate, made = threading.Barrier(8), []

    def make() -> None:
        gate.wait()
        made.append([_chain(300, name=f"thread{k}") for k in range(5)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert all(other[k] is made[0][k] for other in made for k in range(5))


def test_keys_are_the_same_in_another_process() -> None:
    code = "\n".join(
        [
            "import math",
            "from actdsl.ir import *",
            "x, y, u = input('x'), input('y'), input('u')",
            "inner = call(Function('double', (u,), u + u), (node('shift', (x,), 3),))",
            "weight = param(Param('a', 0.1, 0.0, 1.0, per_channel=True))",
            "choice = node('where', (x < math.nan, weight, node('mean', (y,), 'batch')))",
            "print(node('where', (const(True), inner * choice, const(-0.0))).key.hex())",
        ]
    )
    for seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-P", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        assert shown.stdout.strip() == _everything().key.hex()


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (operator.add, "add"),
        (operator.sub, "sub"),
        (operator.mul, "mul"),
        (operator.truediv, "div"),
        (operator.pow, "pow"),
    ],
)
def test_arithmetic_builds_nodes(operation: Callable[[Any, Any], Node], name: str) -> None:
    assert operation(X, Y) is node(name, (X, Y))
    assert operation(X, 2) is node(name, (X, const(2.0)))
    assert operation(2, X) is node(name, (const(2.0), X))


def test_comparisons_build_truth_values() -> None:
    for built, name in [(X < 1, "lt"), (X <= 1, "le"), (X > 1, "gt"), (X >= 1, "ge")]:
        assert built is node(name, (X, const(1.0)), type=BOOL)
    assert -X is node("neg", (X,))
    assert as_node(X) is X


def test_a_node_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match=r"use where\(condition, a, b\)"):
        bool(X > 0)


def test_constant_sees_real_constants_only() -> None:
    assert constant(const(2.5)) == 2.5
    assert constant(const(True)) is None
    assert constant(X) is None


def test_topological_puts_operands_first_and_each_node_once() -> None:
    shared = X * Y
    root = node("sin", (shared,)) + shared
    order = topological([root, shared])
    assert sorted(order, key=lambda n: n.key) == sorted(
        {X, Y, shared, root.args[0], root}, key=lambda n: n.key
    )
    assert all(order.index(arg) < order.index(n) for n in order for arg in n.args)
    assert order[:3] == [X, Y, shared]


def test_topological_leaves_out_what_is_known_and_what_only_it_needs() -> None:
    shared = X * Y
    root = node("sin", (shared,)) + X
    assert topological([root], known={shared}) == [node("sin", (shared,)), X, root]
    assert topological([shared], known={shared}) == []


def test_transform_goes_from_the_leaves_up() -> None:
    seen = []

    def rule(current: Node) -> Node | None:
        seen.append(current.op)
        return Y if current is X else None

    assert transform(node("exp", (X * 2,)), rule) is node("exp", (Y * 2,))
    assert seen == ["input", "const", "mul", "exp"]


def test_transform_without_a_change_gives_the_same_object() -> None:
    assert transform(_everything(), lambda n: None) is _everything()


def test_substitute_replaces_every_use_at_once() -> None:
    swapped = substitute(X * Y + X, {X: Y, Y: X})
    assert swapped is Y * X + Y
    assert substitute(X + Y, {X + Y: X}) is X


def test_leaves_come_in_order_of_first_use() -> None:
    assert leaves([Y * X + Y], "input") == [Y, X]
    assert leaves([X + 1], "param") == []


def _chain(length: int, name: str = "x") -> Node:
    root = input(name)
    for _ in range(length):
        root = node("atan", (root,))
    return root


def test_passes_of_a_graph_do_not_recurse() -> None:
    root = _chain(50_000)
    assert len(topological([root])) == 50_001
    assert substitute(root, {X: Y}) is _chain(50_000, "y")
    assert expand(root) is root
    assert expanded_size(root) == 50_001


def test_the_other_passes_do_not_recurse_either() -> None:
    root = _chain(5_000)
    assert lower(root) is rewrite(root) is root
    assert flops([root]) == 14 * 5_000
    assert derivative(root, Y) is const(0.0)
    assert len(topological([derivative(root, X)])) > 5_000
    value = evaluate(root, {"x": np.array([1.0])})[root]
    assert 0 < value[0] < 0.1
    assert r"\cdots" in formula(root)


def test_a_long_chain_can_be_forgotten() -> None:
    root = _chain(50_000, "forgotten")
    last = weakref.ref(root)
    del root
    gc.collect()
    assert last() is None
