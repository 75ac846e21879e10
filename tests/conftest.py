"""What all tests share: a cache of compiled kernels of their own."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Keep the user's cache out of the tests, and the tests' kernels from run to run."""
    os.environ.setdefault("ACTDSL_CACHE_DIR", str(config.rootpath / ".pytest_cache" / "kernels"))
