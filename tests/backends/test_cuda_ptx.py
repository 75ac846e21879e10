"""PTX for named devices, made where there is none."""

from __future__ import annotations

import re

import pytest

import actdsl
from actdsl.backends.cuda_ptx import ptx
from actdsl.errors import ActdslError

pytest.importorskip("numba_cuda", reason="needs numba-cuda")
CENTRED = actdsl.parse(
    "activation centred(x): param c = 1 per channel return x - c * mean(x, feature)"
)
# The reduction of sin's argument beyond 105615 is libdevice's, and takes one product in float64.
REDUCTION = {"cvt.rn.f64.s64", "mul.f64", "cvt.rn.f32.f64"}


@pytest.fixture(scope="module")
def snake() -> str:
    return ptx(actdsl.zoo["snake_per_channel"], (9, 0))


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
    assert ptx(actdsl.zoo["snake_per_channel"], (9, 0)) == snake


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


def test_only_the_reduction_of_sin_is_in_double(snake: str) -> None:
    assert double_arithmetic(snake) == REDUCTION


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


@pytest.mark.parametrize("act", [actdsl.zoo["gelu_sinc"], CENTRED], ids=lambda act: act.name)
def test_an_assembler_accepts_it(act: actdsl.Activation) -> None:
    """nvJitLink holds ptxas, and needs no device."""
    linker = pytest.importorskip("cuda.bindings.nvjitlink", reason="needs cuda-bindings")
    text = ptx(act, (9, 0)).encode()
    handle = linker.create(1, ["-arch=sm_90"])
    linker.add_data(handle, linker.InputType.PTX, text, len(text), act.name)
    linker.complete(handle)
    assert linker.get_linked_cubin_size(handle) > 1000
    linker.destroy(handle)


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
