"""Kernels as PTX, NVIDIA's assembly, for a device that need not be there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from actdsl.backends.cuda.dialect import EXTENTS, STEPS
from actdsl.backends.cuda.plan import launches
from actdsl.backends.load import load
from actdsl.backends.schedule import Kernel, Schedule
from actdsl.backends.targets.cuda import kernel_source
from actdsl.errors import ActdslError, MissingExtraError
from actdsl.identity import canonical_hash
from actdsl.program import Program
from actdsl.version import VERSION

_ELEMENTS = {"float16": "float16", "bfloat16": "int16", "float32": "float32", "float64": "float64"}
_DEFINITION = re.compile(r"^\..*?\b(\w+)(?:\[\d+\])?(?:;|\(| = )", re.MULTILINE)


def ptx(
    program: Program,
    compute_capability: tuple[int, int],
    dtype: str = "float32",
    fast: bool = False,
) -> str:
    """One PTX module with every kernel of a program.

    Args:
        program: what the kernels compute.
        compute_capability: of the device, as (9, 0).
        dtype: of the tensors: float16, bfloat16 (passed as int16), float32 or float64.
        fast: whether float32 is computed with the hardware's approximations, as half types are.

    Raises:
        MissingExtraError: numba-cuda or its compiler is not installed.
        ActdslError: the compiler does not know the compute capability, or there is no such dtype.
    """
    if dtype not in _ELEMENTS:
        raise ActdslError(f"there are no kernels for '{dtype}': use one of {', '.join(_ELEMENTS)}")
    plan = Schedule(program)
    try:
        module = load(kernel_source(plan))
    except ImportError:
        raise MissingExtraError("numba-cuda", "cuda", "PTX") from None
    kernels = _by_name(plan.kernels, module._kernels(*module.elements(dtype, fast)))
    version = ".".join(map(str, compute_capability))
    head = [
        f"// {program.name}: CUDA kernels for {dtype} tensors, compiled by actdsl {VERSION}",
        f"// canonical hash {canonical_hash(program)}, compute capability {version}",
        "// An array is seven arguments: two null pointers, length, bytes per element, address,",
        "// length, bytes per element. A block has 256 threads.",
    ]
    texts = [
        _renamed(_assembly(kernel, compute_capability, dtype), f"{program.name}_{name}")
        for name, kernel in kernels.items()
    ]
    return "\n".join([*head, _joined(texts)]) + "\n"


def _by_name(kernels: Iterable[Kernel], passes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kernel in kernels:
        for launch, step in zip(launches(kernel), passes[kernel.name], strict=True):
            found[launch.name] = step.kernel
            if not launch.in_rows:
                names = [f"finish_{STEPS[reduction.op]}" for reduction in launch.reductions]
                found |= {n: fold.finish for n, fold in zip(names, step.folds, strict=True)}
    return found


def _assembly(kernel: Any, compute_capability: tuple[int, int], dtype: str) -> str:
    cuda: Any = import_module("numba.cuda")
    errors: Any = import_module("numba.cuda.cudadrv.error")
    major, minor = compute_capability
    unknown = f"the installed CUDA compiler does not know compute capability {major}.{minor}"
    try:
        text, _ = cuda.compile_ptx(kernel.py_func, signature(kernel, dtype), cc=compute_capability)
    except errors.CCSupportError as error:
        raise ActdslError(f"{unknown}: {error}") from None
    except errors.NvvmSupportError:
        raise MissingExtraError("nvidia-nvvm", "cuda", "PTX") from None
    # Numba takes the nearest architecture below one that it does not know.
    if f".target sm_{major}{minor}" not in text:
        raise ActdslError(unknown)
    return str(text)


def signature(kernel: Any, dtype: str) -> Any:
    """Numba's types of a kernel's arguments, for tensors of a dtype."""
    types: Any = import_module("numba.types")
    real = types.float64 if dtype == "float64" else types.float32
    element = getattr(types, _ELEMENTS[dtype])

    def kind(name: str) -> Any:
        if name in (*EXTENTS, "members", "vectors"):
            return types.int64
        return (element if re.fullmatch(r"\w+_in|out\d+", name) else real)[::1]

    return types.void(*map(kind, inspect.signature(kernel.py_func).parameters))


def _renamed(text: str, entry: str) -> str:
    """The text with what it defines named after the kernel, so that kernels can share a module."""
    for number, name in enumerate(_DEFINITION.findall(text)):
        text = text.replace(name, entry if f".entry {name}(" in text else f"{entry}_data{number}")
    return text


def _joined(texts: Iterable[str]) -> str:
    """One module from several: they share a header."""
    parts = [re.split(r"^(\.version.*?\.address_size \d+)$", t, flags=re.M | re.S) for t in texts]
    return "\n\n".join([parts[0][1], *(part[2].strip() for part in parts)])
