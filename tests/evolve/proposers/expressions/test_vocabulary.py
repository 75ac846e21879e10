from __future__ import annotations

from collections import Counter

import numpy as np

from actdsl.evolve.proposers.expressions.sampling import depends_on_input, expression, function
from actdsl.evolve.proposers.expressions.vocabulary import WEIGHTS, draw, vocabulary
from actdsl.grammar import PRELUDE
from actdsl.ir import BOOL, REAL, topological
from actdsl.ops import TABLE

LEFT_OUT = {"stopgrad", "gaussian", "sech2", "cospi", "sigmoid_slope", "tanh_deficit"}


def test_every_operator_and_prelude_function_is_a_word_but_those_that_others_are_made_of():
    pointwise = {name for name, op in TABLE.items() if not op.contextual}
    assert {w.name for w in vocabulary()} == (pointwise | set(PRELUDE)) - LEFT_OUT
    assert {w.name for w in vocabulary(contextual=True)} == (set(TABLE) | set(PRELUDE)) - LEFT_OUT


def test_weights_are_only_given_to_words_that_exist():
    assert set(WEIGHTS) <= set(TABLE) | set(PRELUDE)


def test_words_are_drawn_by_their_weights():
    words = [w for w in vocabulary() if w.name in ("sin", "tanh", "exp")]
    rng = np.random.default_rng(0)
    drawn = Counter(draw(rng, words).name for _ in range(3000))
    total = sum(w.weight for w in words)
    for word in words:
        assert abs(drawn[word.name] / 3000 - word.weight / total) < 0.03


def test_expressions_have_the_type_asked_for_and_reach_every_word():
    rng = np.random.default_rng(0)
    met = set()
    for type in [REAL, BOOL] * 1200:
        root = expression(rng, vocabulary(contextual=True), 4, type)
        assert root.type is type
        for node in topological([root]):
            met.add(node.attr.name if node.op == "call" else node.op)
            if node.op in TABLE:
                assert tuple(a.type for a in node.args) == TABLE[node.op].operands
    assert met >= {w.name for w in vocabulary(contextual=True)}


def test_a_function_depends_on_its_input():
    rng = np.random.default_rng(0)
    for _ in range(200):
        found = function(rng, vocabulary(), 2)
        assert found.type is REAL
        assert found.args
        assert depends_on_input(found)
