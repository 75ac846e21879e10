from __future__ import annotations

from actdsl.evolve.proposers.expressions.places import places, put, replaced, size
from actdsl.ir import const, input
from actdsl.ops.functions import sin, tanh

X = input("x")


def test_there_is_a_place_for_the_root_and_for_every_operand():
    wave = sin(X)
    root = wave * (wave + 2.0)
    found = places(root)
    assert found[0].operand is root
    assert found[0].user is None
    edges = [(p.user, p.index, p.operand) for p in found[1:]]
    assert edges == [
        (wave, 0, X),
        (wave + 2.0, 0, wave),
        (wave + 2.0, 1, const(2.0)),
        (root, 0, wave),
        (root, 1, wave + 2.0),
    ]
    assert size(root) == 5


def test_put_changes_one_operand_and_leaves_the_other_uses_of_it():
    wave = sin(X)
    root = wave * (wave + 2.0)
    (place,) = (p for p in places(root) if p.user is root and p.index == 0)
    assert put(root, place, tanh(X)) is tanh(X) * (wave + 2.0)
    assert put(root, places(root)[0], X) is X


def test_a_replacement_may_contain_what_it_replaces():
    assert replaced(sin(X) + X, X, tanh(X)) is sin(tanh(X)) + tanh(X)
    # The rebuilt outer node equals the one that was replaced, and stays.
    assert replaced(tanh(tanh(X)), tanh(X), X) is tanh(X)
