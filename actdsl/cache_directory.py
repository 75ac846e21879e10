"""Where what was computed once is kept on disk: kernels, the parser's tables, scores."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_directory() -> Path | None:
    """``ACTDSL_CACHE_DIR``, or the user's cache folder; None if the variable is empty."""
    chosen = os.environ.get("ACTDSL_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    return Path(platformdirs.user_cache_dir("actdsl", appauthor=False))
