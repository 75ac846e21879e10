"""The functions of ``prelude.act``, each read when somebody first asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from actdsl.grammar.definition import Definition
from actdsl.grammar.parser import read
from actdsl.grammar.resolve import resolve

PreludeFunction = Definition
"""What the prelude maps names to."""

SOURCE = Path(__file__).with_name("prelude.act")


_TEXTS = {
    found[1]: block
    for block in SOURCE.read_text(encoding="utf-8").split("\n\n")
    if (found := re.search(r"^def (\w+)", block, re.MULTILINE))
}
"""Each definition with the comment above it: blank lines are what keeps them apart."""


class _Prelude(Mapping[str, PreludeFunction]):
    """Names to definitions, in the file's order."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> PreludeFunction:
        if name not in self._names:
            raise KeyError(name)
        return _definition(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


PRELUDE: Mapping[str, PreludeFunction] = _Prelude(_TEXTS)


@cache
def _definition(name: str) -> PreludeFunction:
    """A definition, which may call those before it."""
    names = [*_TEXTS]
    earlier = _Prelude(names[: names.index(name)])
    reading = read(_TEXTS[name])
    found = resolve(reading.file, earlier, lost=frozenset({"activation"}))
    faults = reading.diagnostics + found.diagnostics
    assert not faults, faults
    return found.definitions[name]
