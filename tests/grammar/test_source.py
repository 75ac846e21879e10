"""Files and bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from actdsl.grammar import SourceError, Span, decode, format_text, read_source
from actdsl.grammar.limits import SOURCE_BYTES


def test_text_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "f.act"
    path.write_bytes("# é\r\nactivation f(x): return x".encode())
    assert read_source(path) == read_source(str(path)) == "# é\r\nactivation f(x): return x"


@pytest.mark.parametrize("path", [".", "no_such_file", "a\0b"])
def test_unreadable(path: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_source(path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0106"
    assert caught.value.filename == path


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(1 << 34)  # sparse
    with pytest.raises(SourceError) as caught:
        read_source(path)
    assert caught.value.diagnostics[0].code == "E0501"


def test_place_of_the_byte_that_is_not_utf8() -> None:
    with pytest.raises(SourceError) as caught:
        decode("é\nab".encode() + b"\xe9")
    assert caught.value.diagnostics[0].span == Span(2, 3, 2, 4)


def test_the_bound_is_of_bytes() -> None:
    fits = "#" + "é" * (SOURCE_BYTES // 2 - 1)
    assert format_text(fits) == fits + "\n"
    with pytest.raises(SourceError) as caught:
        format_text(fits + "é")
    assert caught.value.diagnostics[0].code == "E0501"
