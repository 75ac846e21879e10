"""What the core finds in a program, as diagnostics with a place in its text."""

from __future__ import annotations

from actdsl.domain import hazards
from actdsl.grammar.diagnostic import Diagnostic
from actdsl.grammar.parsed import Parsed


def domain_warnings(parsed: Parsed) -> list[Diagnostic]:
    """A warning for each input found at which the activation is undefined or overflows.

    A hazard inside a called function is shown at the returned expression.
    """
    everywhere = parsed.spans[parsed.program.body]
    return [
        Diagnostic(
            "W0101",
            found.message,
            parsed.spans.get(found.node, everywhere),
            help=found.help,
        )
        for found in hazards(parsed.program)
    ]


def over_budget(parsed: Parsed, flops: int, most: int) -> Diagnostic:
    """The error of an activation that costs more than somebody allows."""
    return Diagnostic(
        "E0510",
        f"{parsed.program.name} costs {flops} FLOPs per element, and {most} are allowed",
        parsed.spans[parsed.program.body],
        help="share work with let, or use cheaper functions: `actdsl show` lists the cost",
    )
