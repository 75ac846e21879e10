"""The program in what a model answered in free text."""

from __future__ import annotations

import re

LONGEST = 16_000
"""Characters of an answer; an activation takes some hundred."""

_FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)
_ACTIVATION = re.compile(r"^[ \t]*(?:activation|def)\s+\w+\s*\(", re.MULTILINE)
_HOLDS_ACTIVATION = re.compile(r"^[ \t]*activation\b", re.MULTILINE)


def program_in(answer: str) -> str:
    """The last fenced block with an activation in it, else all from the first definition on.

    Empty if there is no activation in the answer. Comments directly above come with it.
    """
    if len(answer) > LONGEST:
        return ""
    for block in reversed(_FENCE.findall(answer)):
        if _HOLDS_ACTIVATION.search(block):
            return str(block).strip() + "\n"
    found = _ACTIVATION.search(answer)
    if found is None or not _HOLDS_ACTIVATION.search(answer):
        return ""
    return _with_comments(answer, found.start()).strip() + "\n"


def _with_comments(answer: str, start: int) -> str:
    lines = answer[:start].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        start -= len(lines.pop())
    return answer[start:]
