"""Graphs read from source text and written back to it: what passes between programs is text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from actdsl.evaluate import evaluate
from actdsl.evolve.proposers.expressions.constants import few_digits
from actdsl.evolve.proposers.expressions.parameters import params_of
from actdsl.evolve.proposers.expressions.sampling import INPUT
from actdsl.expand import expand
from actdsl.grammar import PRELUDE, parse, unparse
from actdsl.identity import canonical_hash
from actdsl.ir import REAL, Function, Node, const, constant, input, substitute, transform
from actdsl.program import Program


@lru_cache(maxsize=1024)
def read(text: str) -> Node:
    """The body of an activation of one input, over ``x`` and the prelude's functions alone.

    Functions of the file's own are put in the place of their calls: two parents may have given one
    name to different functions.
    """
    program = parse(text).program
    (name,) = program.inputs
    own = transform(program.body, _without_own_call)
    return substitute(own, {input(name): input(INPUT)})


def write(body: Node, rationale: str) -> str:
    """The canonical text of an activation with that body, named after its canonical hash."""
    body = transform(body, _tidied)
    program = Program("evolved", (INPUT,), tuple(params_of(body)), body, rationale)
    name = f"evolved_{canonical_hash(program)[:6]}"
    return unparse(Program(name, program.inputs, program.params, body, rationale))


def _without_own_call(current: Node) -> Node | None:
    function = current.attr
    if not isinstance(function, Function):
        return None
    found = PRELUDE.get(function.name)
    if found is not None and found.function == function:
        return None
    body = transform(function.body, _without_own_call)
    return substitute(body, dict(zip(function.inputs, current.args, strict=True)))


def _tidied(current: Node) -> Node | None:
    """What chance writes and nobody would: constants to fold, neutral and equal operands."""
    if current.args and current.type is REAL and all(a.op == "const" for a in current.args):
        return _folded(current)
    if len(current.args) != 2:
        return None
    a, b = current.args
    match current.op, constant(a), constant(b):
        case ("mul", 1.0, _) | ("add", 0.0, _):
            return b
        case ("mul" | "div" | "pow", _, 1.0) | ("add" | "sub", _, 0.0):
            return a
        case ("min" | "max", _, _) if a is b:
            return a
        case ("sub" | "div", _, _) if a is b:
            return const(0.0 if current.op == "sub" else 1.0)
    return None


def _folded(current: Node) -> Node | None:
    """The constant, in few digits, that an operation on constants gives, if it is finite."""
    value = float(evaluate(current, {INPUT: np.zeros(1)})[expand(current)][0])
    return const(few_digits(value)) if np.isfinite(value) else None
