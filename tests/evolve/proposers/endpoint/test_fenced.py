from __future__ import annotations

import pytest

from actdsl.evolve.proposers.endpoint.fenced import LONGEST, program_in

TEXT = "# Why.\nactivation f(x):\n    return sin(x)\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"```\n{TEXT}```",
        f"Sure.\n\n```act\n{TEXT}```\nEnjoy.",
        f"```python\nprint(1)\n```\nand\n```\n{TEXT}```",
        f"```\nactivation old(x): return x\n```\nBetter:\n```\n{TEXT}```",
        f"Cut short:\n```\n{TEXT}",
        TEXT,
        f"Here you are:\n{TEXT}",
        f"  ```\n{TEXT}  ```",
    ],
)
def test_the_program_is_found(answer):
    assert program_in(answer) == TEXT


def test_definitions_and_their_comments_come_with_it():
    text = "# A bump.\ndef b(t) = exp(-t**2)\nactivation f(x): return b(x) + x\n"
    assert program_in(f"I thought about it.\n{text}") == text


@pytest.mark.parametrize(
    "answer", ["", "No.", "```\nx + 1\n```", "An activation is nice.", TEXT * LONGEST]
)
def test_nothing_is_found_where_there_is_none(answer):
    assert program_in(answer) == ""
