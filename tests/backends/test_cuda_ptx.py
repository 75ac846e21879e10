"""PTX for named devices, made where there is none."""

from __future__ import annotations

import re
from functools import cache

import pytest

import actdsl
from actdsl.backends.cuda.assembler import assembled
from actdsl.backends.cuda.plan import launches
from actdsl.backends.cuda.ptx import ptx as compiled
from actdsl.backends.cuda.vectors import vectorisable
from actdsl.backends.schedule import Schedule
from actdsl.errors import ActdslError

pytest.importorskip("numba_cuda", reason="needs numba-cuda")
CENTRED = actdsl.parse(
    "activation centred(x): param c = 1 per channel return x - c * mean(x, feature)"
)
VECTORS = {"float16": "v4.u32", "bfloat16": "v4.u32", "float32": "v4.f32", "float64": "v2.f64"}
MINED = ("gelu_sine", "gelu_sinc", "gmtu", "turbulent")
HALVES = ("float16", "bfloat16")


ptx = cache(compiled)


@pytest.fixture(scope="module")
def snake() -> str:
    return ptx(actdsl.zoo["snake_per_channel"], (9, 0))


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w.]+", text))


def entries(text: str) -> dict[str, str]:
    """The text of each kernel in a module."""
    _, *parts = re.split(r"\.entry (\w+)\(", text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def kernels_of(program: actdsl.Activation | str, dtype: str, fast: bool = False) -> str:
    """Everything but what folds the parts of sums, which divides by their number."""
    act = actdsl.zoo[program] if isinstance(program, str) else program
    return "".join(
        t for n, t in entries(ptx(act, (9, 0), dtype, fast)).items() if "finish" not in n
    )


def double_arithmetic(text: str) -> set[str]:
    return {word for word in re.findall(r"[\w.]+", text) if ".f64" in word} - {".f64"}


def test_header_says_what_it_is(snake: str) -> None:
    act = actdsl.zoo["snake_per_channel"]
    head, _, body = snake.partition(".version")
    assert head.startswith("// snake_per_channel: CUDA kernels for float32 tensors")
    assert f"canonical hash {act.hash}, compute capability 9.0" in head
    assert re.search(r"^\.target sm_90$", body, re.MULTILINE)
    assert snake.count(".target") == 1


def test_every_kernel_is_in_it_under_its_name(snake: str) -> None:
    entries = re.findall(r"\.entry (\w+)\(", snake)
    kernels = ["forward", "backward", "finish_add", "second"]
    assert entries == [f"snake_per_channel_{name}" for name in kernels]
    assert "_ZN" not in snake


def test_text_is_the_same_every_time(snake: str) -> None:
    assert compiled(actdsl.zoo["snake_per_channel"], (9, 0)) == snake


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("gelu", "float32"), ("mish", "bfloat16"), ("swiglu", "float16"), ("prelu", "float32")],
)
def test_float32_kernels_hold_no_double_arithmetic(name: str, dtype: str) -> None:
    text = ptx(actdsl.zoo[name], (8, 0), dtype)
    assert ".target sm_80" in text
    assert ".f32" in text
    assert not double_arithmetic(text)
    assert not re.search(r"\.local|\bcall", text)


@pytest.mark.parametrize("dtype", VECTORS)
def test_a_thread_moves_128_bits(dtype: str) -> None:
    kernels = entries(ptx(actdsl.zoo["swiglu"], (9, 0), dtype))
    for name, (loads, stores) in {"forward": (2, 1), "backward": (3, 2), "second": (5, 3)}.items():
        text = kernels[f"swiglu_{name}"]
        assert text.count(f"ld.global.{VECTORS[dtype]}") == loads
        assert text.count(f"st.global.{VECTORS[dtype]}") == stores


def test_large_arguments_are_reduced_in_registers(snake: str) -> None:
    assert not double_arithmetic(snake)
    assert not re.search(r"\.local|\.const|\bcall", snake)


@pytest.mark.parametrize("dtype", HALVES)
def test_half_types_are_approximated_by_the_hardware(dtype: str) -> None:
    mish, silu = (kernels_of(name, dtype) for name in ("mish", "silu"))
    assert {"tanh.approx.f32", "ex2.approx.ftz.f32", "rcp.approx.ftz.f32"} <= words(mish)
    assert not {"div.rn.f32", "div.full.f32"} & words(mish + silu)
    # The slope takes the value's own instructions.
    assert silu.count("ex2.approx.ftz.f32") == silu.count("rcp.approx.ftz.f32")
    rows = actdsl.parse("activation f(x): return log(x * x + 1) / sqrt(abs(x) + 1)")
    text = kernels_of(rows, dtype)
    assert {"lg2.approx.f32", "div.full.f32", "sqrt.approx.f32"} <= words(text)
    assert not {"div.rn.f32", "sqrt.rn.f32"} & words(text)


def test_float32_stays_exact_unless_it_is_to_be_fast() -> None:
    exact, fast = (kernels_of("mish", "float32", fast=fast) for fast in (False, True))
    assert "div.rn.f32" in words(exact)
    assert not words(exact) & {"tanh.approx.f32", "div.full.f32"}
    assert "tanh.approx.f32" in words(fast)
    assert "div.rn.f32" not in words(fast)
    assert "st.global.v4.f32" in words(fast)


def test_halves_are_rounded_two_at_a_time_where_the_hardware_can() -> None:
    for dtype, pair in (("float16", "f16x2"), ("bfloat16", "bf16x2")):
        new, old = (words(ptx(actdsl.zoo["relu"], cc, dtype)) for cc in ((8, 0), (7, 5)))
        assert f"cvt.rn.{pair}.f32" in new
        assert f"cvt.rn.{pair}.f32" not in old
        assert "st.global.v4.u32" in old


def test_float64_kernels_compute_in_double() -> None:
    text = ptx(actdsl.zoo["relu"], (9, 0), "float64")
    assert "ld.global.f64" in text
    assert "ld.global.f32" not in text


def test_halves_are_read_and_written_as_such() -> None:
    for dtype in ("float16", "bfloat16"):
        text = ptx(actdsl.zoo["relu"], (9, 0), dtype)
        assert re.search(r"ld\.global\.[su]16", text)
        assert re.search(r"st\.global\.[su]16", text)
        assert "ld.global.f32" not in text


@pytest.mark.parametrize("dtype", VECTORS)
@pytest.mark.parametrize("act", [actdsl.zoo["gelu_sinc"], CENTRED], ids=lambda act: act.name)
def test_an_assembler_accepts_it(act: actdsl.Activation, dtype: str) -> None:
    text = ptx(act, (9, 0), dtype)
    assert set(assembled(text, (9, 0)).resources) == set(entries(text))


def test_an_assembler_accepts_it_for_the_oldest_device() -> None:
    for dtype in HALVES:
        assert assembled(ptx(actdsl.zoo["silu"], (7, 5), dtype), (7, 5)).code


def thrifty(name: str, dtype: str) -> None:
    """Vectors of 128 bits, no float64, nothing in local memory, registers for a thousand threads.

    With 64 registers a thread a multiprocessor holds 1024 threads; second derivatives take more.
    """
    text = ptx(actdsl.zoo[name], (9, 0), dtype)
    texts, taken = entries(text), assembled(text, (9, 0)).resources
    for kernel in Schedule(actdsl.zoo[name]).kernels:
        for step in launches(kernel):
            entry, own = texts[f"{name}_{step.name}"], taken[f"{name}_{step.name}"]
            assert not double_arithmetic(entry)
            assert not re.search(r"\.local|\bcall", entry)
            assert own.registers <= (80 if kernel.name == "second" else 64)
            assert own.local == own.stack == 0
            if vectorisable(step) and not kernel.shaped:
                assert f"ld.global.{VECTORS[dtype]}" in entry
                assert not step.written or f"st.global.{VECTORS[dtype]}" in entry


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["relu", "gelu", "swiglu", "snake", *MINED[:3]])
def test_kernels_are_thrifty(name: str, dtype: str) -> None:
    thrifty(name, dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", actdsl.zoo)
def test_kernels_of_the_whole_zoo_are_thrifty(name: str, dtype: str) -> None:
    thrifty(name, dtype)


@pytest.mark.parametrize(
    ("capability", "reason"),
    [((5, 0), r"5\.0: .*requires"), ((9, 7), r"9\.7$"), ((99, 0), r"99\.0$")],
)
def test_unknown_compute_capability(capability: tuple[int, int], reason: str) -> None:
    message = rf"^the installed CUDA compiler does not know compute capability {reason}"
    with pytest.raises(ActdslError, match=message):
        ptx(actdsl.zoo["relu"], capability)


def test_unknown_dtype() -> None:
    with pytest.raises(ActdslError, match=r"^there are no kernels for 'int8': use one of float16"):
        ptx(actdsl.zoo["relu"], (9, 0), "int8")
