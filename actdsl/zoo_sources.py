"""The zoo's texts: the example files, and every pointwise function that the language has."""

from __future__ import annotations

from importlib.resources import files

_OPERATORS = ("relu", "sigmoid", "softplus", "tanh")
_PARTS = frozenset({"square", "cube", "tanh_deficit"})


def zoo_texts() -> dict[str, str]:
    """Source text by name, in alphabetical order; an example wins over a function of its name.

    A function with optional arguments is shown with their defaults; helpers are left out.
    """
    from actdsl.grammar import PRELUDE
    from actdsl.ops import TABLE

    texts = {name: _text(name, TABLE[name].doc, ("x",)) for name in _OPERATORS}
    for name, definition in PRELUDE.items():
        inputs = [n.attr for n in definition.function.inputs]
        required = tuple(str(i) for i in inputs[: len(inputs) - len(definition.defaults)])
        if required in (("x",), ("x", "gate")) and name not in _PARTS:
            texts[name] = _text(name, definition.doc, required)
    for file in files("actdsl.examples").iterdir():
        if file.name.endswith(".act"):
            texts[file.name.removesuffix(".act")] = file.read_text(encoding="utf-8")
    return dict(sorted(texts.items()))


def _text(name: str, doc: str, inputs: tuple[str, ...]) -> str:
    arguments = ", ".join(inputs)
    return f"# {doc}\nactivation {name}({arguments}):\n    return {name}({arguments})\n"
