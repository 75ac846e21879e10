"""The end of a proposer."""

from __future__ import annotations

from actdsl.errors import ActdslError


class GoneError(ActdslError):
    """A proposer that will not answer again, and why, in one line."""
