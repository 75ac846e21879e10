"""How one would write an activation in torch: as a formula, and with torch's own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from actdsl.backends.emit import Emitter
from actdsl.backends.interface import public_name
from actdsl.backends.load import load
from actdsl.backends.names import python_name
from actdsl.backends.runtime import torch_statistics
from actdsl.backends.runtime.torch_formulas import constant
from actdsl.backends.targets.torch import dialect
from actdsl.backends.timing.torch_nn import call_of, equal_in_value
from actdsl.ir import Node, input, leaves, node, param, transform
from actdsl.lower import lower
from actdsl.program import Program

FORMULA, FUNCTIONS = "formula", "functions"


@dataclass(frozen=True)
class Spelling:
    """An activation in torch, in the tensors' own type.

    Attributes:
        name: ``formula``; or ``functions``, with torch's own for all that it has functions for.
        text: the source, a function of inputs and parameters.
        apply: that function.
        native: whether the whole of it is one function of torch.
    """

    name: str
    text: str
    apply: Callable[..., Tensor]
    native: bool


def spellings(program: Program) -> list[Spelling]:
    """The formula, and the activation with torch's functions where that is another text."""
    formula = _spelling(program, FORMULA, lambda _: None)
    named = _spelling(program, FUNCTIONS, call_of)
    if not named.native and (call := equal_in_value(program, formula.apply)) is not None:
        text = _function(program, [], call.format(public_name(program.inputs[0])))
        named = Spelling(FUNCTIONS, text, _loaded(text), native=True)
    return [formula, named] if named.native or named.text != formula.text else [formula]


def plain(program: Program) -> Callable[..., Tensor]:
    """The activation as its formula in torch."""
    return spellings(program)[0].apply


def _spelling(program: Program, name: str, call: Callable[[Node], str | None]) -> Spelling:
    """Torch's functions become leaves of the graph that is lowered, each computed before it."""
    names = {input(n): public_name(n) for n in program.inputs}
    names |= {param(spec): public_name(spec.name) for spec in program.params}
    called: dict[Node, tuple[str, tuple[Node, ...]]] = {}

    def rule(current: Node) -> Node | None:
        if (text := call(current)) is None:
            return None
        leaf = node("input", attr=f"call {current.key.hex()}")  # a name no input can have
        called[leaf] = text, current.args
        names[leaf] = python_name(f"n{len(called)}", names.values())
        return leaf

    body = transform(program.body, rule)
    first = program.inputs[0]
    emitter = Emitter(dialect(first), names)
    for leaf, (text, args) in called.items():
        value = text.format(*emitter.values([lower(arg) for arg in args]))
        emitter.lines.append(f"{names[leaf]} = {value}")
    if body in called:
        result = emitter.lines.pop().partition(" = ")[2]
    else:
        (result,) = emitter.values([lower(body)])
    if not leaves([program.expanded], "input"):  # the output has the input's shape all the same
        result = f"{result} + torch.zeros_like({public_name(first)})"
    text = _function(program, emitter.lines, result)
    inputs = {input(n) for n in program.inputs}
    native = body in called and called[body][1][0] in inputs
    return Spelling(name, text, _loaded(text), native)


def _function(program: Program, lines: list[str], result: str) -> str:
    names = [*program.inputs, *(spec.name for spec in program.params)]
    head = f"def {public_name(program.name)}({', '.join(map(public_name, names))}):"
    return "\n    ".join([head, *lines, f"return {result}"])


def _loaded(text: str) -> Callable[..., Tensor]:
    namespace = {"torch": torch, "constant": constant, **vars(torch_statistics)}
    module = load(f"import math\n\n\n{text}\n", namespace)
    function: Callable[..., Tensor] = getattr(module, text.removeprefix("def ").split("(")[0])
    return function
