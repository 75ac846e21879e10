"""PTX as machine code, for a device that need not be there: nvJitLink holds NVIDIA's assembler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Resources:
    """What a thread of a kernel takes: registers, and bytes of stack and of local memory."""

    registers: int
    stack: int
    local: int


@dataclass(frozen=True)
class Assembled:
    """A module of machine code, and what each of its kernels takes."""

    code: bytes
    resources: dict[str, Resources]


_USED = re.compile(
    r"properties for '(\w+)':\s*info\s*: used (\d+) registers.*? (\d+) stack.*? (\d+) bytes lmem"
)


def assembled(text: str, compute_capability: tuple[int, int]) -> Assembled:
    """The machine code of some PTX.

    Raises:
        ImportError: cuda-bindings, which numba-cuda needs too, is not installed.
    """
    linker: Any = import_module("cuda.bindings.nvjitlink")
    major, minor = compute_capability
    handle = linker.create(2, [f"-arch=sm_{major}{minor}", "-verbose"])
    linker.add_data(handle, linker.InputType.PTX, text.encode(), len(text.encode()), "kernels")
    linker.complete(handle)
    code = bytearray(linker.get_linked_cubin_size(handle))
    linker.get_linked_cubin(handle, code)
    log = bytearray(linker.get_info_log_size(handle))
    linker.get_info_log(handle, log)
    linker.destroy(handle)
    found = _USED.findall(log.decode())
    return Assembled(bytes(code), {name: Resources(*map(int, numbers)) for name, *numbers in found})
