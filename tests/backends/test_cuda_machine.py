"""The PTX of vectorised kernels, executed by a machine of our own, against the interpreter.

It shows that what the compiler made of loads, lanes and stores means what the simulator runs.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from ptx_machine import Thread

import actdsl
from actdsl.backends.cuda.ptx import ptx
from actdsl.backends.schedule import Schedule
from actdsl.evaluate import evaluate

pytest.importorskip("numba_cuda", reason="needs numba-cuda")
SIZE = 19  # two vectors of eight elements, or four of four, and a rest
WIDTHS = {"float16": 8, "bfloat16": 8, "float32": 4}
TOLERANCES = {"float16": 1.5e-3, "bfloat16": 1e-2, "float32": 3e-6}


def encoded(values: Any, dtype: str) -> Any:
    if dtype == "bfloat16":
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return values.astype(dtype)


def decoded(memory: bytes, dtype: str) -> Any:
    if dtype == "bfloat16":
        words = np.frombuffer(memory, np.uint16).astype(np.uint32) << 16
        return words.view(np.float32).astype(np.float64)
    return np.frombuffer(memory, dtype).astype(np.float64)


@cache
def compiled(name: str, dtype: str) -> str:
    return ptx(actdsl.zoo[name], (9, 0), dtype)


def executed(name: str, kernel: Any, dtype: str, arrays: list[Any], vectors: int) -> Any:
    """A kernel's outputs, and how often each instruction ran, by one thread alone."""
    text = compiled(name, dtype)
    entry = text.partition(f".entry {name}_{kernel.name}(")[2].partition("\n}")[0] + "\n}"
    width = arrays[0].itemsize
    memory, params = bytearray(64), []
    for values in [*arrays, *(encoded(np.full(SIZE, math.nan), dtype) for _ in kernel.outputs)]:
        memory += bytes(-len(memory) % 16)
        params += [0, 0, SIZE, width, len(memory), SIZE, width]
        memory += values.tobytes()
    thread = Thread(memory, [*params, vectors])
    thread.run(entry)
    places = [params[7 * (len(arrays) + k) + 4] for k in range(len(kernel.outputs))]
    outputs = [decoded(bytes(memory[p : p + SIZE * width]), dtype) for p in places]
    return outputs, thread.counts


@pytest.mark.parametrize("name", ["relu", "swiglu", "gelu_sine", "gelu_sinc", "gmtu"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_what_the_machine_executes(name: str, dtype: str) -> None:
    generator = np.random.default_rng(0)
    plan = Schedule(actdsl.zoo[name])
    for kernel in (plan.forward, plan.backward):
        arrays = [encoded(generator.normal(size=SIZE) * 2, dtype) for _ in kernel.inputs]
        exact_arrays = [decoded(array.tobytes(), dtype) for array in arrays]
        values = dict(zip(kernel.inputs, exact_arrays, strict=True))
        for vectors in (0, SIZE // WIDTHS[dtype]):
            outputs, counts = executed(name, kernel, dtype, arrays, vectors)
            for root, output in zip(kernel.outputs, outputs, strict=True):
                exact = evaluate(root, inputs=values, params={})[root]
                error = np.abs(output - exact) / (0.05 + np.abs(exact))
                assert np.max(error) < TOLERANCES[dtype]
            stores = [n for op, n in counts.items() if op.startswith("st.global.v4")]
            assert sum(stores) == vectors * len(outputs)


def test_the_sine_of_large_arguments() -> None:
    plan = Schedule(actdsl.zoo["gelu_sine"])
    """Negative ones, for which gelu is 0."""
    exponents = np.linspace(5, 38.4, SIZE - 3)
    x = -np.array([65535, 65536, 65537, *10**exponents]).astype(np.float32).astype(np.float64)
    (output,), _ = executed(
        "gelu_sine", plan.forward, "float32", [encoded(x, "float32")], SIZE // 4
    )
    np.testing.assert_allclose(output, 0.1 * np.sin(x), rtol=3e-7)
