"""The version, which pyproject.toml reads here."""

from __future__ import annotations

VERSION = "0.1.0"
