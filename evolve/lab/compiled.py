"""Functions compiled by numba and kept on disk, as numba does, but never stale.

numba renews its copy when the file that holds the function changes; what that function calls may
stand in another file, so here any change in the function's folder counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import caching

_numba: Any = caching  # untyped


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as machine code, compiled for the types that it is called with; it drops the GIL.

    A function that numba has decorated already is taken as it was written.
    """
    function = getattr(function, "py_func", function)
    dispatcher: Any = njit(nogil=True, error_model="numpy")(function)
    dispatcher._cache = _Cache(function)
    result: Callable[..., Any] = dispatcher
    return result


class _Cache(_numba.FunctionCache):  # type: ignore[misc]
    def _index_key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        folder = Path(self._py_func.__code__.co_filename).parent
        return (*super()._index_key(signature, codegen), sources(folder))


@cache
def sources(folder: Path) -> str:
    """A digest of the Python files of a folder."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
