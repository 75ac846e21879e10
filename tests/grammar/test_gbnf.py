"""The grammar for models: whatever it lets through can be read, and means a function of x."""

from __future__ import annotations

import re

import pytest
from lark import Lark, UnexpectedInput

from actdsl.grammar import PRELUDE, parse
from actdsl.grammar.gbnf import gbnf
from actdsl.grammar.lark_form import lark_form
from actdsl.grammar.names import OPERATORS
from actdsl.grammar.productions import Bounds, productions
from actdsl.ir import REAL, leaves
from actdsl.ops import TABLE
from actdsl.program import Kind

from .gbnf_sampler import Sampler

SMALL = Bounds(depth=1, params=1, lets=1)


@pytest.mark.parametrize("contextual", [False, True])
def test_whatever_it_lets_through_is_an_activation_of_x(contextual):
    sampler = Sampler(gbnf(productions(contextual=contextual)), seed=0)
    kinds = set()
    for _ in range(100):
        text = sampler.text()
        program = parse(text).program  # no diagnostic of any kind
        assert program.inputs == ("x",)
        assert program.body.type is REAL
        assert leaves([program.body], "input"), text
        assert program.rationale
        kinds.add(program.kind)
    assert kinds == ({Kind.POINTWISE, Kind.CONTEXTUAL} if contextual else {Kind.POINTWISE})


def test_every_alternative_can_be_reached_and_every_rule_is_there():
    sampler = Sampler(gbnf(productions(contextual=True, bounds=SMALL)), seed=1)
    for _ in range(1500):
        sampler.text()
    assert sampler.used == sampler.alternatives
    assert {rule for rule, _ in sampler.used} == set(sampler.rules)


def test_every_function_and_every_operator_of_the_language_is_in_it():
    text = gbnf(productions(contextual=True))
    words = set(re.findall(r'"([a-z_0-9]+)"', text))
    assert words >= OPERATORS | set(PRELUDE)
    for op in TABLE.values():
        if op.symbol and op.name not in ("neg", "not"):
            assert re.search(rf'" ?{re.escape(op.symbol)} ?"', text), op.symbol


def test_functions_can_be_chosen():
    sampler = Sampler(gbnf(productions(functions={"sin", "min"})), seed=0)
    called = {name for _ in range(50) for name in re.findall(r"(\w+)\(", body(sampler.text()))}
    assert called == {"sin", "min"}


def body(text):
    return text.partition("(x):\n")[2]


def test_params_begin_within_their_bounds_and_are_in_scope_where_they_are_used():
    sampler = Sampler(gbnf(productions()), seed=2)
    programs = [parse(sampler.text()).program for _ in range(80)]
    params = [param for program in programs for param in program.params]
    assert {p.name for p in params} == {"a", "b"}
    assert all(p.lower <= p.initial <= p.upper for p in params)


def test_a_tame_one_divides_by_nothing_and_raises_to_whole_powers():
    sampler = Sampler(gbnf(productions(bounds=Bounds(tame=True))), seed=4)
    bodies = [body(sampler.text()) for _ in range(100)]
    assert not [text for text in bodies if "/" in text]
    assert set(re.findall(r"\*\*(.)", "".join(bodies))) == {"2", "3"}


def test_nesting_is_bounded():
    sampler = Sampler(gbnf(productions(bounds=Bounds(depth=2))), seed=3)
    for _ in range(100):
        depth = deepest = 0
        for character in body(sampler.text()):
            depth += {"(": 1, ")": -1}.get(character, 0)
            deepest = max(deepest, depth)
        assert deepest <= 2


def test_the_lark_form_reads_what_the_gbnf_gives_and_nothing_less_complete():
    rules = productions(bounds=Bounds(depth=1, params=1, lets=0))
    form = Lark(lark_form(rules), parser="earley")
    sampler = Sampler(gbnf(rules), seed=0)
    for _ in range(20):
        text = sampler.text()
        form.parse(text)
        with pytest.raises(UnexpectedInput):
            form.parse(text[:-3])
    with pytest.raises(UnexpectedInput):
        form.parse("# A constant is no activation.\nactivation a_constant(x):\n    return 3\n")


@pytest.mark.slow
def test_llama_cpp_accepts_it():
    llama_cpp = pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    for contextual in (False, True):
        grammar = llama_cpp.LlamaGrammar.from_string(gbnf(productions(contextual=contextual)))
        assert grammar is not None
