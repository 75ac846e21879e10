"""From LLVM text to machine code, and from machine code to an address in this process."""

from __future__ import annotations

import itertools
import threading
from functools import cache

import llvmlite.binding as llvm

ENTRY = "actdsl_kernel"
"""What a kernel's entry is called in its module."""

_LOCK = threading.Lock()  # LLVM's objects here are shared, and not made for several threads
_OPTIMISATION = 3
_NUMBERS = itertools.count()
_KEPT: list[object] = []  # a library lives as long as what tracks it, and kernels live for ever


@cache
def processor() -> str:
    """What machine code depends on: the processor's name and its features."""
    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def machine_code(text: str) -> bytes:
    """The object file of a module, optimised for this processor."""
    with _LOCK:
        return bytes(_target().emit_object(_optimised(text)))


def assembly(text: str) -> str:
    """The same as text, for people and for tests."""
    with _LOCK:
        return str(_target().emit_assembly(_optimised(text)))


def address(code: bytes, symbol: str) -> int:
    """Link an object file into this process, for good; where one of its symbols is."""
    with _LOCK:
        builder = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(symbol)
        library = builder.add_current_process().link(_linker(), f"kernel{next(_NUMBERS)}")
        _KEPT.append(library)
        return int(library[symbol])


def _optimised(text: str) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = _target().triple, str(_target().target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=_OPTIMISATION)
    options.loop_vectorization = True
    builder = llvm.create_pass_builder(_target(), options)
    builder.getModulePassManager().run(module, builder)
    return module


@cache
def _target() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=_OPTIMISATION,
        reloc="pic",
        codemodel="small",
    )


@cache
def _linker() -> llvm.LLJIT:
    # This linker keeps the parts of an object together, as small code needs them.
    return llvm.create_lljit_compiler(_target(), use_jit_link=True)


@cache
def converts_halves() -> bool:
    """Whether the processor converts float16 itself; elsewhere LLVM calls a library for it."""
    features = llvm.get_host_cpu_features()
    x86 = llvm.get_default_triple().startswith(("x86", "i386", "i686"))
    return not x86 or bool(features.get("f16c"))


@cache
def vector_bytes() -> int:
    """How wide the processor's vectors are: 64 with AVX-512, 32 with AVX, else 16."""
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx") else 16
