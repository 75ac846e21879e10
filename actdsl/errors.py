"""Errors that a user can cause, each one clear line."""

from __future__ import annotations


class ActdslError(Exception):
    """Something a user can mend; its text says how, in one line."""


class MissingExtraError(ActdslError):
    """A backend's package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'actdsl[{extra}]'")
