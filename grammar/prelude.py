"""The functions of ``prelude.act``, read when somebody first asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from actdsl.grammar.definition import Definition
from actdsl.grammar.parser import read
from actdsl.grammar.resolve import resolve

PreludeFunction = Definition
"""What the prelude maps names to."""

SOURCE = Path(__file__).with_name("prelude.act")


class _Prelude(Mapping[str, PreludeFunction]):
    """Names to definitions, in the file's order."""

    def __getitem__(self, name: str) -> PreludeFunction:
        return _definitions()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_definitions())

    def __len__(self) -> int:
        return len(_definitions())


PRELUDE: Mapping[str, PreludeFunction] = _Prelude()


@cache
def _definitions() -> Mapping[str, PreludeFunction]:
    reading = read(SOURCE.read_text(encoding="utf-8"))
    found = resolve(reading.file, known={}, lost=frozenset({"activation"}))
    faults = reading.diagnostics + found.diagnostics
    assert not faults, faults
    return found.definitions
