"""Each edit does what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from actdsl.evolve.proposers.edits.composition import add_periodic, add_trend, gate, stretch, wrap
from actdsl.evolve.proposers.edits.crossover import blend, crossover
from actdsl.evolve.proposers.edits.numbers import demote, jitter, promote
from actdsl.evolve.proposers.edits.variation import hoist, insert, replace_subtree, swap_operator
from actdsl.evolve.proposers.expressions.constants import few_digits, jittered, scale, signed
from actdsl.evolve.proposers.expressions.parameters import free_name, params_of, without_clashes
from actdsl.evolve.proposers.expressions.places import size
from actdsl.evolve.proposers.expressions.source import read, write
from actdsl.evolve.proposers.expressions.vocabulary import vocabulary
from actdsl.grammar import parse
from actdsl.ir import Node, Param, const, input, param, topological
from actdsl.ops.functions import maximum, sin, tanh

X = input("x")
WORDS = vocabulary()
F = tanh(X) * 0.5 + X


def outcomes(edit, *graphs, count=60):
    """What an edit makes of the graphs, over as many random streams."""
    return [edit(np.random.default_rng(seed), *graphs) for seed in range(count)]


def contains(root: Node, part: Node) -> bool:
    return part in topological([root])


@pytest.mark.parametrize("edit", [wrap, gate, add_trend])
def test_composition_keeps_the_whole(edit):
    assert all(contains(child, F) and child is not F for child in outcomes(edit, F, WORDS))


def test_a_wave_is_added_multiplied_or_carried():
    children = outcomes(add_periodic, F, WORDS)
    assert all({"sin", "cos"} & {n.op for n in topological([c])} for c in children)
    assert {contains(child, F) for child in children} == {True, False}


def test_stretching_scales_the_input_everywhere():
    for child in outcomes(stretch, F, WORDS):
        (scaled,) = (n for n in topological([child]) if X in n.args)
        assert child is tanh(scaled) * 0.5 + scaled


def test_a_subtree_is_replaced_but_not_the_whole():
    children = outcomes(replace_subtree, F, WORDS)
    assert all(child.op == "add" for child in children)
    assert len(set(children)) > 20


def test_swapping_keeps_operands():
    assert {c.args for c in outcomes(swap_operator, sin(X), WORDS) if c.op in ("cos", "tanh")} == {
        (X,)
    }
    for child in outcomes(swap_operator, X + 2.0, WORDS):
        assert child.args[:2] == (X, const(2.0))


def test_inserting_adds_a_level_and_hoisting_takes_one_away():
    assert all(size(child) > 2 for child in outcomes(insert, sin(X), WORDS))
    assert {*outcomes(hoist, sin(tanh(X)), WORDS)} == {tanh(X), X, sin(X)}


def test_edits_that_have_nothing_to_work_on_say_so():
    for edit in (jitter, promote, demote):
        assert edit(np.random.default_rng(0), tanh(X)) is None
    for edit in (replace_subtree, swap_operator, hoist):
        assert edit(np.random.default_rng(0), X, WORDS) is None


def test_jitter_moves_constants_and_initial_values_but_no_exponent():
    bounded = param(Param("a", 1.0, 0.9, 1.1))
    root = bounded * X**2 + 3.0
    seen = set()
    for child in outcomes(jitter, root):
        assert contains(child, X**2)
        (spec,) = params_of(child)
        assert 0.9 <= spec.initial <= 1.1
        assert (spec.lower, spec.upper) == (0.9, 1.1)
        seen.add((spec.initial != 1.0, not contains(child, const(3.0))))
    assert seen >= {(True, False), (False, True)}


def test_promotion_and_demotion_are_inverses():
    (child,) = set(outcomes(promote, sin(-2.0 * X)))
    assert params_of(child) == [Param("a", -2.0, -8.0, -0.5)]
    assert demote(np.random.default_rng(0), child) is sin(-2.0 * X)


def test_a_parameter_of_zero_has_room_on_both_sides():
    (child,) = set(outcomes(promote, sin(X) + 0.0))
    assert params_of(child) == [Param("a", 0.0, -1.0, 1.0)]


def test_crossing_renames_parameters_that_differ_and_shares_those_that_agree():
    mine, other = param(Param("a", 1.0)), param(Param("a", 2.0))
    donor = without_clashes(sin(other * X), mine * X)
    assert params_of(donor) == [Param("b", 2.0)]
    assert without_clashes(sin(mine * X), mine * X) is sin(mine * X)
    assert free_name({"a", "b", "c", "d", "k", "k1"}) == "k2"


def test_children_have_parts_of_both_parents():
    children = outcomes(crossover, F, sin(X * 3.0))
    assert any(contains(c, sin(X * 3.0)) and contains(c, tanh(X)) for c in children)
    for child in outcomes(blend, F, sin(X * 3.0)):
        assert contains(child, F)
        assert contains(child, sin(X * 3.0))


def test_constants_are_short():
    rng = np.random.default_rng(0)
    drawn = [f(rng) for f in (scale, signed) for _ in range(300)]
    drawn += [jittered(rng, v) for v in (*drawn, 0.0)]
    assert all(value == few_digits(value) for value in drawn)
    assert min(drawn) < 0 < max(drawn)
    assert 0.3 < np.median(np.abs(drawn)) < 2


def test_what_is_written_is_tidy():
    def body(node: Node) -> str:
        return write(node, "").split("return ")[1].strip()

    assert body(1.0 * sin(X * 1.0) + 0.0) == "sin(x)"
    assert body(X * (const(2.0) / 3.0)) == "x * 0.667"
    assert body(maximum(tanh(X), tanh(X)) / 1.0 + (X - X)) == "tanh(x)"
    assert body(sin(X) - 1.0 + X / X) == "sin(x) - 1 + 1"
    assert body(X + sin(const(1.0)) / 0.0) == "x + 0.841 / 0"


def test_functions_of_a_file_are_read_in_place_and_the_input_is_called_x():
    text = "def twice(u) = 2 * gelu(u) activation f(z): return twice(z) + z"
    body = read(text)
    assert body is 2.0 * parse("activation g(x): return gelu(x)").program.body + X
