"""Every diagnostic's code with its title and its explanation, read from ``catalog.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SECTION = re.compile(r"^## ([EW]\d{4}): (.*)\n", re.MULTILINE)
_EXAMPLE = re.compile(r"```act\n(.*?)```\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One code.

    Attributes:
        title: what it stands for, in a few words.
        text: the explanation, with its examples.
        examples: source texts: one that is wrong in this way and one put right, or none.
    """

    title: str
    text: str
    examples: tuple[str, ...]


@cache
def catalog() -> Mapping[str, Entry]:
    """Codes to entries, in the order of the codes."""
    source = Path(__file__).with_name("catalog.md").read_text(encoding="utf-8")
    _, *parts = _SECTION.split(source)
    return {
        code: Entry(title, text.strip(), tuple(_EXAMPLE.findall(text)))
        for code, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def explain(code: str) -> str:
    """The explanation of a code, as plain text.

    Raises:
        KeyError: there is no such code.
    """
    entry = catalog()[code.upper()]
    text = _EXAMPLE.sub(lambda found: _indented(found[1]), entry.text)
    return f"{code.upper()}: {entry.title}\n\n{text.strip()}\n"


def _indented(example: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in example.splitlines())
