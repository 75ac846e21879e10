"""From a kernel to its address: from this process, else from the disk, else compiled."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import llvmlite

from actdsl.backends.cache import kernel_cache
from actdsl.backends.loops import Loops
from actdsl.backends.native.code import ENTRY, address, machine_code, processor
from actdsl.backends.schedule import Kernel
from actdsl.backends.targets.numba import dialect
from actdsl.version import VERSION

_LOCK = threading.Lock()
_addresses: dict[str, int] = {}


def built(kernel: Kernel, dtype: str) -> int:
    """The address of a kernel's entry for arrays of some type."""
    key = _key(kernel, dtype)
    with _LOCK:
        if key not in _addresses:
            store = kernel_cache()
            code = store.get(key)
            if code is None:
                from actdsl.backends.native.text import llvm_text  # slow to import, rarely needed

                code = machine_code(llvm_text(kernel, dtype))
                store.put(key, code)
            _addresses[key] = address(code, ENTRY)
        return _addresses[key]


def _key(kernel: Kernel, dtype: str) -> str:
    """All that the machine code depends on: the loops as text, and who compiles them for what.

    Which arithmetic they are given follows from them and the parameters' initial values, with which
    it is tried, and takes longer to find than the key.
    """
    loops = Loops(kernel, dialect(dtype))
    parts = [
        *loops.arguments,
        *loops.lines(),
        dtype,
        f"fast={kernel.fast}",
        *(f"{spec.initial}" for spec in kernel.params if not kernel.fast),
        VERSION,
        llvmlite.__version__,
    ]
    return "\n".join([*parts, processor(), _compiler()])


@cache
def _compiler() -> str:
    """A digest of the code that turns loops into LLVM text, so that no change of it goes unseen."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in ("native", "vecmath"):
        for text in _sources(files("actdsl.backends") / folder):
            digest.update(text)
    return digest.hexdigest()


def _sources(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_bytes()
