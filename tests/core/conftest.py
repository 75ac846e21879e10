"""Files that the command line reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import BAD, GOOD, saved


@pytest.fixture
def good(tmp_path: Path) -> str:
    """A file without errors."""
    return saved(tmp_path, "ripple.act", GOOD)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """A file with two errors."""
    return saved(tmp_path, "bad.act", BAD)
